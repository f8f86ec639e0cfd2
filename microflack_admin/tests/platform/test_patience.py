"""How long is waited on a machine that is busy: tables, and servers that are slow."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from daemons import free_port

from mfplatform.state.patience import (
    MAX_SLOWNESS,
    Deadline,
    Starvation,
    moved_on,
    slowness,
)
from mfplatform.state.probes import is_dead


class Machine:
    """A machine of which a test says how slow it is, and how late."""

    def __init__(self) -> None:
        self.slow, self.time = 1.0, 0.0

    def slowness(self) -> float:
        return self.slow

    def clock(self) -> float:
        return self.time


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_nothing_is_lost_while_a_processor_is_free(machine: Machine) -> None:
    starvation = Starvation(machine.slowness, machine.clock)
    machine.time = 10
    assert starvation.lost_seconds() == 0


def test_what_others_take_is_lost(machine: Machine) -> None:
    starvation = Starvation(machine.slowness, machine.clock)
    machine.time, machine.slow = 10, 4
    assert starvation.lost_seconds() == 7.5
    assert starvation.lost_seconds() == 0


def test_a_deadline_comes_on_time_while_a_processor_is_free(machine: Machine) -> None:
    deadline = Deadline(3, machine.slowness, machine.clock)
    machine.time = 2.9
    assert not deadline.is_over()
    machine.time = 3
    assert deadline.is_over()


def test_a_deadline_moves_on_only_while_the_machine_is_busy(machine: Machine) -> None:
    deadline = Deadline(3, machine.slowness, machine.clock)
    machine.slow = 4
    for machine.time in range(1, 9):
        assert not deadline.is_over()
    # Eight seconds of which two counted: one is left.
    machine.slow = 1
    machine.time = 8.9
    assert not deadline.is_over()
    machine.time = 9
    assert deadline.is_over()


def test_times_move_on_by_what_was_lost_but_not_into_the_future() -> None:
    assert moved_on({"a": 10.0, "b": 19.5}, 4.0, now=20.0) == {"a": 14.0, "b": 20.0}


@pytest.mark.parametrize(
    ("load", "processors", "slow"),
    [
        ("0.1 0.2 0.3 1/180 99\n", 2, 1),
        ("0.1 0.2 0.3 18/180 99\n", 2, 9),
        ("0.1 0.2 0.3 18/180 99\n", 16, 1.125),
        ("0.1 0.2 0.3 900/999 99\n", 2, MAX_SLOWNESS),
        ("0.1 0.2 0.3 many/999 99\n", 2, 1),
        ("", 2, 1),
    ],
)
def test_a_machine_is_as_slow_as_processes_want_each_processor(
    load: str, processors: int, slow: float
) -> None:
    assert slowness(load, processors) == slow


@contextmanager
def server(silent: int) -> Iterator[str]:
    """Listen, say nothing to so many clients, and answer those that come then."""
    held = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                held.append(connection)
                if len(held) > silent:
                    connection.recv(4096)
                    connection.sendall(b"HTTP/1.0 204 No Content\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        yield "{}:{}".format(*listening.getsockname())
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()
    for connection in held:
        connection.close()


def test_a_server_that_answers_in_the_end_is_not_dead() -> None:
    with server(silent=1) as address:
        assert not is_dead(address, "/healthz", silence_seconds=60)


def test_a_server_that_stays_silent_is_dead() -> None:
    with server(silent=1000) as address:
        assert is_dead(address, "/healthz", silence_seconds=0.5)


def test_a_server_that_refuses_connections_is_dead_at_once() -> None:
    assert is_dead(f"127.0.0.1:{free_port()}", "/healthz", silence_seconds=1e9)
