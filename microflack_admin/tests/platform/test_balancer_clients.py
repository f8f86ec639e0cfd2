"""Who asks: what clients say of themselves, and what services are told."""

import json
import re
from collections.abc import Callable, Mapping

import pytest
import requests
from backend import Backend
from balancer import Balancer
from daemons import wait_for

Maker = Callable[..., Backend]
UUID = r"[0-9a-f-]{36}"
LIES = {
    "X-Forwarded-For": "192.0.2.1",
    "Forwarded": "for=192.0.2.1;host=evil.example",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Real-IP": "192.0.2.1",
    "X-Request-ID": "spoofed-0001",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "tracestate": "a=b",
    "baggage": "a=b",
}
TRACE = {"traceparent", "tracestate", "baggage"}


@pytest.fixture
def users(balancer: Balancer, backend: Maker) -> Balancer:
    """Return a load balancer with one service."""
    balancer.register("users", "/api/users", backend("users-1"))
    return balancer


def headers(answer: requests.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in json.loads(answer.text).items()}


def told(users: Balancer, port: int, given: Mapping[str, str]) -> dict[str, str]:
    url = f"http://127.0.0.1:{port}/api/users/headers"
    return headers(requests.get(url, headers=dict(given), timeout=30))


def test_nothing_that_a_stranger_says_of_itself_is_believed(users: Balancer) -> None:
    answer = users.get_as("127.0.0.9", "/api/users/headers", headers=LIES)
    seen = headers(answer)
    assert seen["x-forwarded-for"] == "127.0.0.9"
    assert seen["x-forwarded-proto"] == "http"
    assert not {"forwarded", "x-forwarded-host", "x-real-ip", *TRACE} & set(seen)
    assert re.fullmatch(UUID, seen["x-request-id"])
    assert answer.headers["X-Request-ID"] == seen["x-request-id"]


def test_services_tell_for_whom_they_ask(users: Balancer) -> None:
    seen = told(users, users.services_port, LIES)
    assert seen["x-forwarded-for"] == "192.0.2.1"
    assert seen["x-request-id"] == "spoofed-0001"
    assert {name: seen[name] for name in TRACE} == {name: LIES[name] for name in TRACE}
    assert "x-forwarded-host" not in seen
    assert told(users, users.services_port, {})["x-forwarded-for"] == "127.0.0.1"


@pytest.mark.parametrize("bad", ["short", "a" * 65, "with space", "a,b,c,d,e", '"x"y'])
def test_a_bad_request_id_of_a_service_is_replaced(users: Balancer, bad: str) -> None:
    seen = told(users, users.services_port, {"X-Request-ID": bad})
    assert re.fullmatch(UUID, seen["x-request-id"])


def test_a_trusted_proxy_is_believed(users: Balancer) -> None:
    users.restart_with(MF_TRUSTED_PROXIES="127.0.0.8/31, 2001:db8::/32")
    chain = LIES | {"X-Forwarded-For": "198.51.100.7, 192.0.2.1"}
    seen = headers(users.get_as("127.0.0.9", "/api/users/headers", headers=chain))
    # The last one is what the proxy itself has seen.
    assert seen["x-forwarded-for"] == "192.0.2.1"
    assert seen["x-forwarded-proto"] == "https"
    seen = headers(users.get_as("127.0.0.10", "/api/users/headers", headers=chain))
    assert seen["x-forwarded-for"] == "127.0.0.10"


def test_each_request_of_a_proxys_connection_has_its_own_client(
    users: Balancer,
) -> None:
    users.restart_with(MF_TRUSTED_PROXIES="127.0.0.1")
    with requests.Session() as proxy:
        for client in ("192.0.2.1", "2001:db8::1", "nonsense"):
            answer = proxy.get(
                f"{users.url}/api/users/headers", headers={"X-Forwarded-For": client}
            )
            expected = "127.0.0.1" if client == "nonsense" else client
            assert headers(answer)["x-forwarded-for"] == expected


def test_a_network_that_is_none_is_named(balancer: Balancer) -> None:
    balancer.environment["MF_TRUSTED_PROXIES"] = "10.0.0.0/8, the proxy"
    result = balancer.run("balancer.loop", "--once-config")
    assert result.returncode == 2
    assert "MF_TRUSTED_PROXIES must be networks such as 10.0.0.0/8" in result.stderr


def test_the_line_of_a_failed_request_has_the_clients_address(
    users: Balancer,
) -> None:
    users.get_as("127.0.0.9", "/api/users/hang-up")

    def line() -> str:
        lines = users.haproxy.log.splitlines()
        return next((line for line in lines if "/hang-up" in line), "")

    assert json.loads(wait_for(line))["address"] == "127.0.0.9"
