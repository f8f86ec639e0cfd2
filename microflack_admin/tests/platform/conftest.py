"""Fixtures of the platform's tests: a real load balancer, and services behind it."""

import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from backend import Backend
from balancer import Balancer

# A shell ignores Ctrl-C for what it runs in the background, and so would the commands
# that tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def balancer() -> Iterator[Balancer]:
    """Run etcd, HAProxy and the balancer loop, for one test."""
    # Not pytest's folder: the path of a unix socket must be short.
    folder = Path(tempfile.mkdtemp(prefix="mf test "))
    balancer = Balancer(folder)
    try:
        balancer.start()
        yield balancer
    finally:
        balancer.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def limited(balancer: Balancer) -> Balancer:
    """Return the load balancer, which counts what each address asks for."""
    balancer.restart_with(MF_LIMITS="on")
    return balancer


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
