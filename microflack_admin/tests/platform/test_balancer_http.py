"""What the load balancer itself says over HTTP: with real processes."""

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
    response = requests.post(f"{balancer.url}/api/users/hang-up", data="x", timeout=60)
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


def test_the_statistics_need_the_password(balancer: Balancer, backend: Maker) -> None:
    balancer.register("users", "/api/users", backend("users-1"))
    ask = balancer.ask_operator
    assert ask("/stats").status_code == 401
    assert ask("/stats;csv").status_code == 401
    assert ask("/stats", auth=("admin", "wrong")).status_code == 401
    page = ask("/stats", auth=("admin", STATS_PASSWORD))
    assert "Statistics Report" in page.text
    table = ask("/stats;csv", auth=("admin", STATS_PASSWORD)).text
    assert "\nusers,users-1," in table
    assert balancer.config.stat().st_mode & 0o777 == 0o600
    assert STATS_PASSWORD not in balancer.loop.log + balancer.haproxy.log


def test_what_operators_see_is_not_at_the_address_of_the_chat(
    balancer: Balancer, backend: Maker
) -> None:
    balancer.register("page", "/", backend("page-1"))
    login = ("admin", STATS_PASSWORD)
    for path in ("/stats", "/stats;csv", "/stats/times", "/logs", "//stats"):
        assert balancer.get(path, auth=login).status_code == 404
    balancer.restart_with(MF_OPERATOR="shared")
    assert "Statistics Report" in balancer.get("/stats", auth=login).text
    assert balancer.get("/stats").status_code == 401
