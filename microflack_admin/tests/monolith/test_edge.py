"""What is counted and refused in front of the services, and what answers carry."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from mfplatform.monolith.allowance import Allowance
from mfplatform.monolith.edge import Edge
from mfplatform.monolith.window import Window


class Services:
    """Stand in for the services: answer as told, and remember what came."""

    def __init__(self):
        self.status, self.headers, self.seen = "200 OK", [], []

    def __call__(self, environ, start_response):
        environ["body"] = environ["wsgi.input"].read(
            int(environ.get("CONTENT_LENGTH") or 0)
        )
        self.seen.append(environ)
        headers = [("Content-Type", "application/json"), *self.headers]
        start_response(self.status, headers)
        return [b"{}"]


@pytest.fixture
def services():
    return Services()


@pytest.fixture
def edge(services):
    now = [0.0]
    allowance = Allowance(lambda path: path.startswith("/held"), clock=lambda: now[0])
    found = Edge(services, ["10.0.0.0/8"], allowance)
    found.now = now
    return found


def ask(
    edge, method="GET", path="/api/users", address="192.0.2.1", length=None, **options
):
    environ = EnvironBuilder(method=method, path=path, **options).get_environ()
    environ |= {"REMOTE_ADDR": address}
    if length is not None:
        environ["CONTENT_LENGTH"] = str(length)
    chunks, status, headers = run_wsgi_app(edge, environ, buffered=True)
    return int(status.split()[0]), headers, b"".join(chunks)


def basic(nickname):
    return {"auth": (nickname, "wrong")}


def test_what_clients_claim_is_not_believed(edge, services):
    claims = {"X-Forwarded-For": "192.0.2.99", "X-Request-ID": "one-of-mine"}
    ask(edge, headers=claims)
    assert services.seen[0]["HTTP_X_FORWARDED_FOR"] == "192.0.2.1"
    assert "HTTP_X_REQUEST_ID" not in services.seen[0]
    ask(edge, address="10.1.2.3", headers=claims)
    assert services.seen[1]["HTTP_X_FORWARDED_FOR"] == "192.0.2.99"
    assert services.seen[1]["HTTP_X_REQUEST_ID"] == "one-of-mine"


def test_a_proxy_may_ask_for_itself(edge, services):
    assert ask(edge, path="/healthz", address="10.1.2.3")[0] == 200
    assert services.seen[0]["HTTP_X_FORWARDED_FOR"] == "10.1.2.3"


def test_answers_carry_what_browsers_are_told(edge, services):
    services.headers = [("X-Session-ID", "secret"), ("ETag", "1")]
    _, headers, _ = ask(edge)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"
    assert headers["ETag"] == "1" and "X-Session-ID" not in headers
    services.headers = [("Cache-Control", "private, no-cache")]
    assert ask(edge)[1]["Cache-Control"] == "private, no-cache"


def test_what_no_service_needs_to_see_is_refused(edge, services):
    assert ask(edge, method="TRACE")[0] == 405
    assert ask(edge, length=2**30)[0] == 413
    assert services.seen == []


def test_the_largest_file_is_sent_on(edge, services):
    body = b"x" * 26_300_000
    assert ask(edge, "POST", "/api/rooms/1/files", data=body)[0] == 200
    assert services.seen[0]["body"] == body


def test_it_answers_to_its_own_names_only(services):
    edge = Edge(services, hosts=["127.0.0.1", "[::1]"])
    for host, status in {
        "127.0.0.1:8080": 200,
        "[::1]": 200,
        "[::1]:8080": 200,
        "evil.example": 421,
        "127.0.0.1.evil.example:8080": 421,
    }.items():
        found, _, body = ask(edge, headers={"Host": host})
        assert found == status, host
    assert b"MF_HOSTS" in body


def test_a_body_is_there_before_anybody_waits_for_it(edge, services):
    assert ask(edge, "POST", "/api/messages", data=b"body")[0] == 200
    assert services.seen[0]["body"] == b"body"
    cut = io.BytesIO(b"bo")
    status, _, body = ask(edge, "POST", "/api/messages", length=4, input_stream=cut)
    assert status == 408 and b"too long" in body
    assert len(services.seen) == 1


def test_ten_guesses_for_a_nickname_and_twenty_for_an_address(edge, services):
    services.status = "401 UNAUTHORIZED"
    told = [ask(edge, "POST", "/api/tokens", **basic("Ada"))[0] for _ in range(12)]
    assert told == [401] * 10 + [429] * 2
    told = [ask(edge, "POST", "/api/tokens", **basic("Eve"))[0] for _ in range(12)]
    assert told == [401] * 10 + [429] * 2
    services.status = "200 OK"
    status, headers, _ = ask(edge, "GET", "/api/users/me", **basic("grace"))
    assert status == 429 and headers["Retry-After"] == "60"
    other = ask(edge, "POST", "/api/tokens", address="192.0.2.2", **basic("ada"))
    assert other[0] == 200
    edge.now[0] = 61.0
    assert ask(edge, "POST", "/api/tokens", **basic("ada"))[0] == 200


def test_the_right_password_is_not_counted(edge):
    for _ in range(30):
        assert ask(edge, "POST", "/api/tokens", **basic("ada"))[0] == 200


def test_a_failed_change_counts_for_whom_the_service_names(edge, services):
    services.status = "403 FORBIDDEN"
    services.headers = [("X-Failed-Sign-In", "nickname=Ada%20L")]
    for _ in range(10):
        _, headers, _ = ask(edge, "PUT", "/api/users/1")
        assert "X-Failed-Sign-In" not in headers
    services.status, services.headers = "200 OK", []
    assert ask(edge, "POST", "/api/tokens", **basic("ada l"))[0] == 429
    assert ask(edge, "POST", "/api//tokens", **basic("ada l"))[0] == 429
    assert ask(edge, "POST", "/api/tokens", **basic("grace"))[0] == 200


def test_twenty_people_register_in_a_minute(edge, services):
    services.status = "201 CREATED"
    told = [ask(edge, "POST", "/api/users")[0] for _ in range(21)]
    assert told == [201] * 20 + [429]
    assert ask(edge, "POST", "/api/users", address="2001:db8::1")[0] == 201


def test_an_address_asks_for_so_much_at_once(edge):
    told = [ask(edge)[0] for _ in range(600)]
    assert told.count(200) >= 500 and 429 in told
    assert ask(edge, address="192.0.2.3")[0] == 200
    # Of IPv6 it is the network of a household that is counted.
    for number in range(700):
        ask(edge, address=f"2001:db8::{number:x}")
    assert ask(edge, address="2001:db8::ffff")[0] == 429
    assert ask(edge, address="2001:db8:0:1::1")[0] == 200


def test_passwords_do_not_queue_without_an_end(services):
    class Slow(Services):
        def __call__(self, environ, start_response):
            began.release()
            assert end.wait(60)
            return super().__call__(environ, start_response)

    began, end = threading.Semaphore(0), threading.Event()
    edge = Edge(Slow(), allowance=Allowance(lambda path: False))
    with ThreadPoolExecutor(17) as pool:
        asked = [
            pool.submit(ask, edge, "POST", "/api/tokens", f"192.0.2.{n}", **basic("a"))
            for n in range(16)
        ]
        for _ in asked:
            assert began.acquire(timeout=60)
        status, headers, _ = ask(edge, "POST", "/api/tokens", **basic("ada"))
        assert (status, headers["Retry-After"]) == (429, "2")
        renewal = pool.submit(ask, edge, "POST", "/api/tokens")
        assert began.acquire(timeout=60)
        end.set()
        assert {one.result()[0] for one in (*asked, renewal)} == {200}


def test_what_begins_at_the_same_time_is_counted_together():
    window = Window(clock=lambda: 0.0)
    begun = [window.begin(("a",), 3) for _ in range(5)]
    assert [one is None for one in begun] == [False] * 3 + [True] * 2
    window.undo(("a",), begun[0])
    assert window.begin(("a",), 3) is not None
