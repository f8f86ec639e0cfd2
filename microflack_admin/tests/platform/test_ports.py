"""Ports are given to one platform each, also while nobody listens on them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from daemons import free_port

from mfplatform.state import ports
from mfplatform.state.home import PlatformError


@pytest.fixture
def port() -> Iterator[int]:
    """Return a port that nobody uses or has reserved."""
    port = free_port()
    yield port
    ports.release(port)


def age(port: int) -> None:
    """Let a reservation be long ago."""
    os.utime(f"/tmp/microflack-{os.getuid()}-ports/{port}", (0, 0))


def test_a_port_is_given_once(port: int) -> None:
    assert ports.pick([port]) == port
    with pytest.raises(PlatformError, match="no free port"):
        ports.pick([port])
    ports.release(port)
    assert ports.pick([port]) == port


def test_a_reservation_that_was_not_used_ends(port: int) -> None:
    ports.pick([port])
    age(port)
    assert ports.pick([port]) == port


def test_the_port_of_an_instance_that_is_down_is_not_given_away(
    port: int, tmp_path: Path
) -> None:
    record = tmp_path / "instance.json"
    record.touch()
    ports.pick([port], owner=record)
    age(port)
    with pytest.raises(PlatformError, match="no free port"):
        ports.pick([port])
    record.unlink()
    assert ports.pick([port]) == port
