"""What the load balancer refuses, and what it adds to every answer."""

from collections.abc import Callable

import pytest
from backend import Backend
from balancer import Balancer

Maker = Callable[..., Backend]


@pytest.fixture
def service(balancer: Balancer, backend: Maker) -> Backend:
    """Return a service that answers at every path."""
    one = backend("all-1")
    balancer.register("all", "/", one)
    return one


@pytest.mark.parametrize(
    "path",
    [
        *("/metrics", "//metrics", "///metrics", "/%2fmetrics", "/%2Fmetrics"),
        *("/%2f%2fmetrics", "/metric%73", "//healthz", "/%68ealthz", "//readyz"),
        *("/metrics?x=1", "//%6detrics?"),
    ],
)
def test_no_spelling_reaches_what_services_tell_of_themselves(
    balancer: Balancer, service: Backend, path: str
) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: mf\r\nConnection: close\r\n\r\n"
    answer = balancer.send(request.encode())
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b'{"error": "There is nothing at this address."}' in answer
    assert service.requests == 0


def test_an_address_with_a_number_sign_is_refused(
    balancer: Balancer, service: Backend
) -> None:
    answer = balancer.send(
        b"GET /metrics#x HTTP/1.1\r\nHost: mf\r\nConnection: close\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert service.requests == 0


@pytest.mark.parametrize("method", ["ZZ1", "TRACE", "CONNECT", "PROPFIND", "get"])
def test_a_method_that_is_made_up_reaches_no_service(
    balancer: Balancer, service: Backend, method: str
) -> None:
    target = "mf:80" if method == "CONNECT" else "/x"
    request = f"{method} {target} HTTP/1.1\r\nHost: mf:80\r\nConnection: close\r\n\r\n"
    answer = balancer.send(request.encode())
    assert answer.startswith(b"HTTP/1.1 405 ")
    assert b"\r\nallow: GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE\r\n" in answer
    assert b'{"error": "This method is not allowed here."}' in answer
    assert service.requests == 0


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5, 6",
        "Content-Length: +5",
        "Content-Length: 0x5",
        "Content-Length : 5",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: cow",
        "Transfer-Encoding : chunked",
        "X: y\rContent-Length: 5",
    ],
)
def test_a_message_whose_end_is_not_clear_reaches_no_service(
    balancer: Balancer, service: Backend, headers: str
) -> None:
    head = f"POST /x HTTP/1.1\r\nHost: mf\r\n{headers}\r\n\r\n"
    hidden = "GET /hidden HTTP/1.1\r\nHost: mf\r\n\r\n"
    answer = balancer.send(f"{head}5\r\nhello\r\n0\r\n\r\n{hidden}".encode())
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 "))
    assert answer.count(b"HTTP/1.1 ") == 1
    assert service.requests == 0


def test_what_is_too_long_or_too_large_is_refused_at_once(
    balancer: Balancer, service: Backend
) -> None:
    assert balancer.get("/" + "a" * 3990).status_code == 200
    answer = balancer.get("/" + "a" * 4000)
    assert answer.status_code == 414
    assert list(answer.json()) == ["error"]
    head = b"POST /x HTTP/1.1\r\nHost: mf\r\nConnection: close\r\nContent-Length: "
    large = balancer.send(head + b"99999999999\r\n\r\n")
    assert large.startswith(b"HTTP/1.1 413 ")
    assert b'{"error": "The request is too large: at most 33554432 bytes."}' in large
    assert service.requests == 1


def test_a_body_that_comes_slowly_reaches_no_service(
    balancer: Balancer, service: Backend
) -> None:
    head = b"POST /x HTTP/1.1\r\nHost: mf\r\nContent-Length: 100\r\n\r\n12345"
    answer = balancer.send(head)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'{"error": "The request took too long to arrive."}' in answer
    assert service.requests == 0


def test_every_answer_tells_browsers_to_be_careful(
    balancer: Balancer, service: Backend
) -> None:
    json = {"Content-Type": "application/json"}
    service.answers["/api/x"] = (200, "{}", json)
    policy = "default-src 'none'; base-uri 'none'; form-action 'none'; "
    policy += "frame-ancestors 'none'"
    for path in ("/api/x", "/metrics"):
        headers = balancer.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == policy
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
    # Nor is the text of an event stream a document.
    service.answers["/text"] = (200, "ok", {"Content-Type": "text/plain"})
    headers = balancer.get("/text").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == policy


def test_what_a_service_says_itself_stays(balancer: Balancer, service: Backend) -> None:
    own = {
        "Content-Type": "application/json",
        "Cache-Control": "private, no-cache",
        "Content-Security-Policy": "default-src 'self'",
        "Referrer-Policy": "same-origin",
    }
    service.answers["/api/x"] = (200, "{}", own)
    assert own.items() <= balancer.get("/api/x").headers.items()
    service.answers["/page"] = (200, "<p>", {"Content-Type": "text/html"})
    headers = balancer.get("/page").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert not {"Content-Security-Policy", "Cache-Control"} & set(headers)


def test_what_services_say_to_the_load_balancer_goes_no_further(
    balancer: Balancer, service: Backend
) -> None:
    own = {"X-Session-ID": "abc", "X-Failed-Sign-In": "1"}
    service.answers["/x"] = (200, "x", own)
    assert not set(own) & set(balancer.get("/x").headers)
