"""A whole instance: Gunicorn, registration, and the way out."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import suppress

import pytest

from microflack_common.registry import Registry
from microflack_common.testing import free_port

APP = """
import os, time
from flask import Flask
from microflack_common import lifecycle, errors, health, logs

def create_app():
    app = Flask("microflack_small")
    pids = {"made": os.getpid()}
    lifecycle.at_start(app, lambda: pids.update(began=os.getpid()))
    lifecycle.at_stop(app, lambda: print("closing", flush=True))
    lifecycle.at_stop(app, lambda: print("closed", flush=True))
    app.add_url_rule("/pids", "pids", lambda: {**pids, "serves": os.getpid()})
    logs.init_app(app); errors.init_app(app); health.init_app(app, {})
    @app.get("/slow")
    def slow():
        time.sleep(1)
        return "done"
    return app
"""
KEY = "/services/small/upstream/small-1"


@pytest.fixture
def registry(etcd):
    """Return the registry."""
    return Registry(etcd.url)


@pytest.fixture(params=["serve", "serve_async"])
def instance(request, etcd, tmp_path):
    """Return a running instance, with each of the settings, and its URL."""
    (tmp_path / "small.py").write_text(APP)
    address = f"127.0.0.1:{free_port()}"
    settings = {
        "ETCD": etcd.url, "SERVICE_NAME": "small", "INSTANCE_NAME": "small-1",
        "SERVICE_ADDRESS": address, "SERVICE_URL": "/slow",
        # The one mode that needs no further package.
        "ASYNC_MODE": "threading",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config",
         f"python:microflack_common.{request.param}", "small:create_app()"],
        cwd=tmp_path, env=os.environ | settings, stdout=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    yield process, f"http://{address}"
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def wait_for(registry, present):
    index = 0
    for _ in range(50):
        tree = registry.tree("/services")
        if (KEY in tree.values) == present:
            return
        index = max(tree.index, index)
        registry.watch("/services", index, timeout=1)
    pytest.fail(f"{KEY} was {'not ' if present else ''}there after 50 changes")


def worker_of(process):
    with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
        [worker] = file.read().split()
    return int(worker)


# The engine signals the first process, the supervisor all of them.
@pytest.mark.parametrize("send", [os.kill, os.killpg])
def test_an_instance_leaves_the_registry_first_and_finishes_what_it_began(
    instance, registry, send
):
    process, url = instance
    wait_for(registry, present=True)
    answers = []

    def ask():
        with urllib.request.urlopen(f"{url}/slow", timeout=60) as answer:
            answers.append(answer.read())

    running = threading.Thread(target=ask)
    running.start()
    send(process.pid, signal.SIGTERM)
    wait_for(registry, present=False)
    # It has left, and still answers whoever comes by.
    with urllib.request.urlopen(f"{url}/healthz", timeout=60) as answer:
        assert answer.status == 200
    running.join()
    assert answers == [b"done"]
    assert process.wait(timeout=60) == 0
    said = process.stdout.read()
    places = [said.index(text) for text in ("Left the registry", "closing", "closed")]
    assert places == sorted(places)


def test_a_worker_that_is_told_again_and_again_ends_in_peace(instance, registry):
    process, _url = instance
    wait_for(registry, present=True)
    worker = worker_of(process)
    process.terminate()
    while process.poll() is None:
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGTERM)
        time.sleep(0.01)
    assert process.returncode == 0
    assert "Traceback" not in process.stdout.read()


def test_a_killed_worker_comes_back_and_registers(instance, registry):
    process, url = instance
    wait_for(registry, present=True)
    registry.delete(KEY)
    os.kill(worker_of(process), signal.SIGKILL)
    wait_for(registry, present=True)
    with urllib.request.urlopen(f"{url}/healthz", timeout=60) as answer:
        assert answer.status == 200


def test_a_worker_does_not_outlive_its_arbiter(instance, registry):
    process, url = instance
    wait_for(registry, present=True)
    process.kill()
    # Whoever takes its place needs the port.
    port, end = int(url.rpartition(":")[2]), time.monotonic() + 10
    with pytest.raises(ConnectionRefusedError):
        while time.monotonic() < end:
            with suppress(ConnectionResetError):
                socket.create_connection(("127.0.0.1", port), timeout=60).close()
            time.sleep(0.05)


def test_the_application_is_made_by_the_process_that_serves(instance, registry):
    process, url = instance
    wait_for(registry, present=True)
    with urllib.request.urlopen(f"{url}/pids", timeout=60) as answer:
        pids = json.load(answer)
    assert set(pids.values()) == {worker_of(process)}


def test_the_arbiter_loads_nothing_of_an_application():
    code = (
        "import sys; from microflack_common import serve, threaded_worker;"
        "serve.Logger(None).info('Starting');"
        "sys.exit('flask' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_who_is_stopped_while_loading_ends_at_once(tmp_path):
    loading = "import time\nprint('loading', flush=True)\ntime.sleep(60)"
    (tmp_path / "small.py").write_text(loading)
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", "python:microflack_common.serve",
         "small:app"],
        cwd=tmp_path, env=os.environ | {"SERVICE_ADDRESS": f"127.0.0.1:{free_port()}"},
        stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        assert process.stdout.readline() == "loading\n"
        process.terminate()
        # Gunicorn would give it 38 seconds.
        assert process.wait(timeout=60) == 0
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_an_application_that_cannot_be_loaded_ends_with_the_reason(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--config", "python:microflack_common.serve",
         "nothing:create_app()"],
        cwd=tmp_path, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert done.returncode != 0
    assert "nothing" in done.stderr
