"""A whole instance: Gunicorn, registration, and the way out."""

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.request

import pytest
from conftest import free_port

from microflack_common.registry import Registry

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


WAYS = [
    ("gunicorn", "serve"),
    ("microflack_common.process", "serve"),
    ("microflack_common.process", "serve_async"),
]


@pytest.fixture(params=WAYS, ids=" ".join)
def instance(request, etcd, tmp_path):
    """Return a running instance, in each of the ways to run one, and its URL."""
    module, settings_module = request.param
    (tmp_path / "small.py").write_text(APP)
    address = f"127.0.0.1:{free_port()}"
    settings = {
        "ETCD": etcd.url, "SERVICE_NAME": "small", "INSTANCE_NAME": "small-1",
        "SERVICE_ADDRESS": address, "SERVICE_URL": "/slow",
        # The one mode that needs no further package.
        "ASYNC_MODE": "threading",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", module, "--config",
         f"python:microflack_common.{settings_module}", "small:create_app()"],
        cwd=tmp_path, env=os.environ | settings, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    yield process, f"http://{address}"
    if process.poll() is None:
        process.kill()
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


def test_an_instance_leaves_the_registry_first_and_finishes_what_it_began(
    instance, registry
):
    process, url = instance
    wait_for(registry, present=True)
    answers = []

    def ask():
        with urllib.request.urlopen(f"{url}/slow", timeout=10) as answer:
            answers.append(answer.read())

    running = threading.Thread(target=ask)
    running.start()
    process.send_signal(signal.SIGTERM)
    wait_for(registry, present=False)
    # It has left, and still answers whoever comes by.
    with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
        assert answer.status == 200
    running.join()
    assert answers == [b"done"]
    assert process.wait(timeout=20) == 0
    said = process.stdout.read()
    places = [said.index(text) for text in ("Left the registry", "closing", "closed")]
    assert places == sorted(places)


forking = pytest.mark.parametrize("instance", WAYS[:1], indirect=True)
alone = pytest.mark.parametrize("instance", WAYS[1:], indirect=True)


@forking
def test_a_killed_worker_comes_back_and_registers(instance, registry):
    process, url = instance
    wait_for(registry, present=True)
    children = f"/proc/{process.pid}/task/{process.pid}/children"
    with open(children) as file:
        worker = int(file.read().split()[0])
    registry.delete(KEY)
    os.kill(worker, signal.SIGKILL)
    wait_for(registry, present=True)
    with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
        assert answer.status == 200


def pids_of(url):
    with urllib.request.urlopen(f"{url}/pids", timeout=5) as answer:
        return json.load(answer)


@forking
def test_the_application_is_made_before_the_fork_and_begins_after_it(
    instance, registry
):
    process, url = instance
    wait_for(registry, present=True)
    pids = pids_of(url)
    assert pids["made"] == process.pid
    assert pids["began"] == pids["serves"] != process.pid


@alone
def test_without_an_arbiter_there_is_one_process(instance, registry):
    process, url = instance
    wait_for(registry, present=True)
    assert set(pids_of(url).values()) == {process.pid}
    with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
        assert file.read() == ""


def test_an_application_that_cannot_be_loaded_ends_with_the_reason(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "microflack_common.process", "nothing:create_app()"],
        cwd=tmp_path, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert done.returncode != 0
    assert "nothing" in done.stderr
