"""Passwords from many addresses: real etcd, balancer loop and HAProxy."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from backend import Backend
from balancer import Balancer
from daemons import wait_for

from mfplatform.balancer.limits import Limits

Maker = Callable[..., Backend]
ROOM = Limits().waiting_for_a_service
WAIT = "/api/users/me/wait"
GUESS = ("alice", "guess")


@pytest.fixture
def service(limited: Balancer, backend: Maker) -> Backend:
    """Return a service behind a load balancer that counts."""
    one = backend("all-1")
    limited.register("all", "/", one)
    return one


@pytest.fixture
def crowded(limited: Balancer, service: Backend) -> Iterator[None]:
    """Have as many wait at the service as may, each from an address of its own."""
    with ThreadPoolExecutor(ROOM) as pool:
        for number in range(ROOM):
            pool.submit(limited.get_as, f"127.3.0.{number + 1}", WAIT)
        wait_for(lambda: service.waiting == ROOM)
        yield
        service.release.set()


def sign_in(balancer: Balancer, address: str, **options: object) -> requests.Response:
    return balancer.ask_as(address, "POST", "/api/tokens", **options)


@pytest.mark.usefixtures("crowded")
def test_who_comes_with_a_password_is_sent_away(limited: Balancer) -> None:
    for method, path in (
        ("POST", "/api/tokens"),
        ("GET", "/api/users/me"),
        ("POST", "/api/users"),
        ("PUT", "/api/users/7"),
    ):
        answer = limited.ask_as("127.4.0.1", method, path, auth=GUESS)
        assert answer.status_code == 429, (method, path)
        assert int(answer.headers["Retry-After"]) > 0
        assert list(answer.json()) == ["error"]


@pytest.mark.usefixtures("crowded")
def test_everybody_else_comes_in(limited: Balancer) -> None:
    assert limited.get_as("127.4.0.1", "/api/messages").status_code == 200
    assert limited.get_as("127.4.0.1", "/api/users").status_code == 200
    token = {"Authorization": "Bearer x"}
    arrival = limited.ask_as("127.4.0.1", "PUT", "/api/users/me", headers=token)
    assert arrival.status_code == 201
    # Who is signed in renews the session, which takes no password.
    renewal = {"refresh_token": "x"}
    assert sign_in(limited, "127.4.0.1", json=renewal).status_code == 201


@pytest.mark.usefixtures("crowded")
def test_a_second_instance_makes_room(limited: Balancer, backend: Maker) -> None:
    limited.register("all", "/", backend("all-2"))
    assert sign_in(limited, "127.4.0.1", auth=GUESS).status_code == 201


def test_a_service_that_is_not_there_is_not_said_to_be_crowded(
    limited: Balancer,
) -> None:
    limited.put("all/location", "/")
    wait_for(lambda: limited.answer("/api/users") == "503")
    assert sign_in(limited, "127.4.0.1", auth=GUESS).status_code == 503


def test_many_who_sign_in_at_once_all_come_in(
    limited: Balancer, service: Backend
) -> None:
    together = threading.Barrier(ROOM)

    def arrive(number: int) -> int:
        together.wait(30)
        return sign_in(limited, f"127.5.0.{number + 1}", auth=GUESS).status_code

    with ThreadPoolExecutor(ROOM) as pool:
        assert set(pool.map(arrive, range(ROOM))) == {201}
