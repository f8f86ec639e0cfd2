"""What stops answering for a while, or for good, holds up nobody for long."""

import os
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import requests
from conftest import PARTS, SERVICES

PAUSE = 10
# Less than a service waits for it.
DATABASE_PAUSE = 7


@pytest.mark.parametrize("name", [*PARTS, *SERVICES])
def test_a_process_that_is_stopped_for_ten_seconds(platform, crowd, name):
    pid = platform.pid(name)
    children = family(pid)
    with crowd.busy(writers=1, readers=1):
        signal_all(children, signal.SIGSTOP)
        try:
            # People go on trying all the time; that is the fault itself.
            threading.Event().wait(PAUSE)
        finally:
            signal_all(children, signal.SIGCONT)
        crowd.wait_until_it_works()
    crowd.check()


def test_an_instance_that_waits_for_its_database_is_not_taken_for_dead(platform, crowd):
    (name, *_) = (one["instance"] for one in platform.instances("messages"))
    database = platform.pid("mariadb")
    # More than an instance has threads, so that none is left to say how it is.
    with crowd.busy(writers=20, readers=0), ThreadPoolExecutor(1) as pool:
        os.kill(database, signal.SIGSTOP)
        try:
            killing = pool.submit(platform.run, "mfkill", name)
            threading.Event().wait(DATABASE_PAUSE)
        finally:
            os.kill(database, signal.SIGCONT)
        killing.result()
        platform.run("mfrun", "messages")
        crowd.wait_until_it_works()
    assert crowd.failed_posts == []
    crowd.check()


def family(pid):
    """Return a process and all its children."""
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        children = [int(child) for child in file.read().split()]
    return [pid, *(one for child in children for one in family(child))]


def signal_all(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def test_an_instance_that_accepts_and_never_answers_is_left_alone(platform, crowd):
    key = f"{platform.registry}/v2/keys/services/messages/upstream/silent"
    with silent_server() as address, crowd.busy(writers=2, readers=1):
        requests.put(
            key, {"value": address, "ttl": "50"}, timeout=60
        ).raise_for_status()
        try:
            crowd.wait_until_it_works()
        finally:
            requests.delete(key, timeout=60)
    crowd.check()


@contextmanager
def silent_server():
    """Accept connections and say nothing."""
    held = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept():
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        host, port = server.getsockname()
        yield f"{host}:{port}"
        server.shutdown(socket.SHUT_RDWR)
    for connection in held:
        connection.close()
