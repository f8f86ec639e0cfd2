"""Fixtures of the platform's tests: a real load balancer, and services behind it."""

import signal
from collections.abc import Callable, Iterator

import pytest
from backend import Backend
from balancer import Balancer
from longest_first import place
from shared_balancers import SharedBalancers

# A shell ignores Ctrl-C for what it runs in the background, and so would the commands
# that tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the files that take longest begin first."""
    items.sort(key=lambda item: place(item.path.stem))


@pytest.fixture(scope="session")
def balancers() -> Iterator[SharedBalancers]:
    """Return the load balancers that tests share."""
    shared = SharedBalancers()
    try:
        yield shared
    finally:
        shared.stop()


@pytest.fixture
def balancer(balancers: SharedBalancers) -> Balancer:
    """Return etcd, HAProxy and the balancer loop, which run and serve nothing."""
    return balancers.take()


@pytest.fixture
def limited(balancers: SharedBalancers) -> Balancer:
    """Return a load balancer that counts what each address asks for."""
    return balancers.take(MF_LIMITS="on")


@pytest.fixture
def backend() -> Iterator[Callable[..., Backend]]:
    """Return a maker of small services."""
    made: list[Backend] = []

    def make(name: str, port: int = 0) -> Backend:
        made.append(Backend(name, port))
        return made[-1]

    yield make
    for one in made:
        one.close()
