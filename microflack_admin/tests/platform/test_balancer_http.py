"""What the load balancer itself says over HTTP: with real processes."""

import json
import re
from collections.abc import Callable

import requests
from backend import Backend
from balancer import STATS_PASSWORD, Balancer

Maker = Callable[..., Backend]


def test_only_safe_requests_are_repeated_when_an_instance_hangs_up(
    balancer: Balancer, backend: Maker
) -> None:
    one = backend("users-1")
    balancer.register("users", "/api/users", one)
    assert balancer.answer("/api/users/hang-up") == "502"
    assert one.requests == 4
    response = requests.post(f"{balancer.url}/api/users/hang-up", data="x", timeout=10)
    assert response.status_code == 502
    assert one.requests == 5


def test_errors_of_the_load_balancer_are_json(
    balancer: Balancer, backend: Maker
) -> None:
    balancer.register("empty", "/empty")
    one = backend("users-1")
    balancer.register("users", "/api/users", one)
    for path, status in {
        "/none": 404,
        "/empty": 503,
        "/api/users/hang-up": 502,
    }.items():
        response = balancer.get(path)
        assert response.status_code == status
        assert response.headers["Content-Type"] == "application/json"
        assert list(response.json()) == ["error"]
        assert re.fullmatch(r"[0-9a-f-]{36}", response.headers["X-Request-ID"])
    assert balancer.get("/empty").headers["Retry-After"] == "1"


def test_a_good_request_id_is_passed_on_and_a_bad_one_replaced(
    balancer: Balancer, backend: Maker
) -> None:
    balancer.register("users", "/api/users", backend("users-1"))

    def ids(given: str) -> set[str]:
        response = balancer.get("/api/users/headers", headers={"X-Request-ID": given})
        received = json.loads(response.text)["x-request-id"]
        return {received, response.headers["X-Request-ID"]}

    for good in ("abcd-1234", "A" * 64):
        assert ids(good) == {good}
    for bad in ("short", "a" * 65, "with space", "a,b,c,d,e,f", '"quotes"x'):
        (fresh,) = ids(bad)
        assert re.fullmatch(r"[0-9a-f-]{36}", fresh)


def test_the_statistics_need_the_password(balancer: Balancer, backend: Maker) -> None:
    balancer.register("users", "/api/users", backend("users-1"))
    assert balancer.get("/stats").status_code == 401
    assert balancer.get("/stats;csv").status_code == 401
    assert balancer.get("/stats", auth=("admin", "wrong")).status_code == 401
    page = balancer.get("/stats", auth=("admin", STATS_PASSWORD))
    assert "Statistics Report" in page.text
    table = balancer.get("/stats;csv", auth=("admin", STATS_PASSWORD)).text
    assert "\nusers,users-1," in table
    assert balancer.config.stat().st_mode & 0o777 == 0o600
    assert STATS_PASSWORD not in balancer.loop.log + balancer.haproxy.log
