"""What one address may ask for: real etcd, balancer loop and HAProxy."""

import socket
from collections.abc import Callable
from contextlib import ExitStack

import pytest
import requests
from backend import Backend
from balancer import Balancer
from daemons import wait_for

Maker = Callable[..., Backend]
SIGN_IN, OWN_USER = "/api/tokens", "/api/users/me"


@pytest.fixture
def chat(limited: Balancer, backend: Maker) -> tuple[Balancer, Backend]:
    """Return a load balancer, and a service that knows no password."""
    one = backend("all-1")
    limited.register("all", "/", one)
    one.answers = dict.fromkeys((SIGN_IN, OWN_USER, "/api/users/%6de"), (401, "{}"))
    return limited, one


def sign_in(
    balancer: Balancer, nickname: str, address: str = "127.0.0.2", path: str = SIGN_IN
) -> requests.Response:
    method = "POST" if path == SIGN_IN else "GET"
    return balancer.ask_as(address, method, path, auth=(nickname, "guess"))


def assert_refused(answer: requests.Response) -> None:
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert list(answer.json()) == ["error"]


def test_ten_wrong_passwords_for_one_nickname(chat: tuple[Balancer, Backend]) -> None:
    balancer, service = chat
    for path in (SIGN_IN, OWN_USER, "/api/users/%6de") * 3 + (SIGN_IN,):
        assert sign_in(balancer, "alice", path=path).status_code == 401
    service.answers[SIGN_IN] = (200, "{}")
    # The right one, too, and however it is written.
    for nickname in ("alice", "ALICE"):
        assert_refused(sign_in(balancer, nickname))
    # Nobody else is: other nicknames, and other addresses.
    assert sign_in(balancer, "bob").status_code == 200
    assert sign_in(balancer, "alice", "127.0.0.3").status_code == 200


def test_twenty_wrong_passwords_of_one_address(chat: tuple[Balancer, Backend]) -> None:
    balancer, service = chat
    for number in range(20):
        assert sign_in(balancer, f"user{number}").status_code == 401
    service.answers[SIGN_IN] = (200, "{}")
    assert_refused(sign_in(balancer, "new"))
    before = service.requests
    for _ in range(30):
        sign_in(balancer, "new")
    assert service.requests == before
    # Who is signed in goes on.
    assert balancer.get_as("127.0.0.2", "/x").status_code == 200


def test_right_passwords_do_not_count(chat: tuple[Balancer, Backend]) -> None:
    balancer, service = chat
    service.answers[SIGN_IN] = (200, "{}")
    answers = [sign_in(balancer, "alice").status_code for _ in range(30)]
    assert answers == [200] * 30


def test_a_service_says_what_else_was_a_failed_sign_in(
    chat: tuple[Balancer, Backend],
) -> None:
    balancer, service = chat
    failed = {"X-Failed-Sign-In": "1"}
    service.answers["/api/users/7"] = (403, "{}", failed)
    service.answers[SIGN_IN] = (401, "{}", failed)
    for _ in range(10):
        change = balancer.ask_as("127.0.0.2", "PUT", "/api/users/7", data="{}")
        assert change.status_code == 403
        renewal = balancer.ask_as("127.0.0.2", "POST", SIGN_IN, data="{}")
        assert renewal.status_code == 401
    assert_refused(balancer.ask_as("127.0.0.2", "PUT", "/api/users/7", data="{}"))
    assert_refused(sign_in(balancer, "alice"))


def test_a_service_says_whose_sign_in_it_was(chat: tuple[Balancer, Backend]) -> None:
    balancer, service = chat
    failed = {"X-Failed-Sign-In": "nickname=al%20ice"}
    service.answers["/api/users/7"] = (403, "{}", failed)
    service.answers[SIGN_IN] = (200, "{}")
    for _ in range(10):
        refused = balancer.ask_as("127.0.0.2", "PUT", "/api/users/7", data="{}")
        assert refused.status_code == 403
    assert_refused(sign_in(balancer, "Al ice"))
    assert sign_in(balancer, "bob").status_code == 200


def test_twenty_people_may_register_in_a_minute(
    chat: tuple[Balancer, Backend],
) -> None:
    balancer, service = chat

    def register(status: int, address: str = "127.0.0.2") -> requests.Response:
        service.answers["/api/users"] = (status, "{}")
        return balancer.ask_as(address, "POST", "/api/users", data="{}")

    for _ in range(20):
        assert register(400).status_code == 400
        assert register(201).status_code == 201
    assert_refused(register(201))
    assert register(201, "127.0.0.3").status_code == 201


@pytest.mark.parametrize(("failures", "most"), [(0, 8), (3, 2)])
def test_so_many_passwords_are_checked_at_a_time(
    chat: tuple[Balancer, Backend], failures: int, most: int
) -> None:
    balancer, service = chat
    for number in range(failures):
        sign_in(balancer, f"user{number}")
    service.answers.clear()
    head = b"POST /api/tokens HTTP/1.1\r\nHost: mf\r\nContent-Length: 9\r\n"
    with ExitStack() as stack:
        for _ in range(most):
            # None of them is complete.
            connection = stack.enter_context(
                socket.create_connection(
                    ("127.0.0.1", balancer.port), 30, source_address=("127.0.0.2", 0)
                )
            )
            connection.sendall(head + b"\r\n{")
        wait_for(
            lambda: f"conn_cur={most} " in balancer.ask_haproxy("show table _accounts")
        )
        assert_refused(sign_in(balancer, "alice"))
        assert sign_in(balancer, "alice", "127.0.0.3").status_code == 201


def test_services_are_not_counted(chat: tuple[Balancer, Backend]) -> None:
    balancer, _ = chat
    url = f"http://127.0.0.1:{balancer.services_port}{OWN_USER}"
    with requests.Session() as session:
        for _ in range(30):
            answer = session.get(url, auth=("alice", "guess"), timeout=30)
            assert answer.status_code == 401


def test_a_burst_of_requests_is_served_and_a_flood_is_not(
    chat: tuple[Balancer, Backend],
) -> None:
    balancer, _ = chat
    # HAProxy answers them itself, so all arrive before any is forgotten.
    one = b"GET /stats HTTP/1.1\r\nHost: mf\r\n"
    last = one + b"Connection: close\r\n\r\n"
    answers = balancer.send((one + b"\r\n") * 999 + last, "127.0.0.2")
    assert answers.count(b"HTTP/1.1 404 ") >= 500
    assert answers.count(b"HTTP/1.1 429 ") > 0
    assert b"retry-after: 1\r\n" in answers
    assert b'{"error": "Too many requests. Slow down."}' in answers
    assert balancer.get_as("127.0.0.3", "/x").status_code == 200
    # What was refused is not held against anybody.
    wait_for(lambda: balancer.get_as("127.0.0.2", "/x").status_code == 200)


def test_counts_survive_a_reload(chat: tuple[Balancer, Backend]) -> None:
    balancer, backend = chat
    for number in range(20):
        sign_in(balancer, f"user{number}")
    balancer.wait_until_it_teaches()
    worker = balancer.worker()
    balancer.register("other", "/other", backend)
    balancer.wait_for_reload(worker)
    # The process that goes tells it to the one that comes.
    wait_for(lambda: sign_in(balancer, "new", path=OWN_USER).status_code == 429)


def test_one_address_has_so_many_connections(chat: tuple[Balancer, Backend]) -> None:
    balancer, _ = chat
    with ExitStack() as stack:
        for _ in range(1000):
            stack.enter_context(
                socket.create_connection(
                    ("127.0.0.1", balancer.port), 30, source_address=("127.0.0.2", 0)
                )
            )
        table = "show table _addresses"
        wait_for(lambda: "conn_cur=1000 " in balancer.ask_haproxy(table))
        with pytest.raises(requests.ConnectionError):
            balancer.get_as("127.0.0.2", "/x")
        assert balancer.get_as("127.0.0.3", "/x").status_code == 200
    wait_for(lambda: served(balancer, "127.0.0.2"))


def served(balancer: Balancer, address: str) -> bool:
    try:
        return balancer.get_as(address, "/x").status_code == 200
    except requests.ConnectionError:
        return False


def test_one_address_sends_so_many_large_bodies_at_a_time(
    chat: tuple[Balancer, Backend],
) -> None:
    balancer, _ = chat
    head = b"POST /x HTTP/1.1\r\nHost: mf\r\nContent-Length: 40000\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(4):
            connection = stack.enter_context(
                socket.create_connection(
                    ("127.0.0.1", balancer.port), 30, source_address=("127.0.0.2", 0)
                )
            )
            connection.sendall(head + b"x" * 20000)

        def one_more(address: str) -> int:
            body = b"x" * 40000
            return balancer.ask_as(address, "POST", "/x", data=body).status_code

        wait_for(lambda: "conn_cur=4" in balancer.ask_haproxy("show table _uploads"))
        assert one_more("127.0.0.2") == 429
        assert one_more("127.0.0.3") == 201
        assert balancer.get_as("127.0.0.2", "/x").status_code == 200


def test_nothing_large_is_sent_about_an_account(
    chat: tuple[Balancer, Backend],
) -> None:
    balancer, service = chat
    answer = balancer.ask_as("127.0.0.2", "POST", "/api/users", data=b"x" * 20000)
    assert answer.status_code == 413
    chunks = balancer.ask_as("127.0.0.2", "POST", "/api/users", data=iter([b"x"]))
    assert chunks.status_code == 413
    assert service.requests == 0


def test_without_limits_nothing_is_counted(balancer: Balancer, backend: Maker) -> None:
    one = backend("all-1")
    balancer.register("all", "/", one)
    one.answers[SIGN_IN] = (401, "{}")
    for _ in range(30):
        assert sign_in(balancer, "alice").status_code == 401
