"""With BACKGROUND=no all is done within requests; otherwise threads do it."""

import threading

import pytest
from flask import Flask

from microflack_common import within_requests
from microflack_common.within_requests import before_answers, periodically
from microflack_common.workers import BatchWorker, PeriodicTask


@pytest.fixture
def make():
    """Return a function that makes an application, and a client of it."""
    tasks = []

    def make(function, period_seconds=3600.0, **settings):
        app = Flask("test")
        app.config.update(settings)
        task = PeriodicTask("test", function, period_seconds)
        tasks.append(task)
        app.extensions["task"] = task
        periodically(app, task)
        app.add_url_rule("/", "index", lambda: "")
        return app, app.test_client()

    yield make
    for task in tasks:
        task.stop()


def test_a_task_is_done_by_the_first_request_and_again_when_it_is_due(make):
    calls = []
    _, client = make(lambda: calls.append(threading.current_thread()), BACKGROUND=False)
    client.get("/")
    client.get("/")
    assert calls == [threading.current_thread()]


def test_a_task_that_is_always_due_is_done_by_each_request(make):
    calls = []
    _, client = make(lambda: calls.append(1), 0.0, BACKGROUND=False)
    client.get("/")
    client.get("/")
    assert calls == [1, 1]


def test_a_task_that_fails_does_not_fail_the_request(make):
    def fail():
        raise OSError("away")

    _, client = make(fail, BACKGROUND=False)
    assert client.get("/").status_code == 200


def test_a_request_leaves_the_rest_of_a_long_task_to_others(make, monkeypatch):
    monkeypatch.setattr(within_requests, "MOST_SECONDS", 0.0)
    is_over = []
    _, client = make(lambda: is_over.append(task.wait(3600)), BACKGROUND=False)
    task = client.application.extensions["task"]
    assert client.get("/").status_code == 200
    assert is_over == [True]


def test_without_the_setting_a_thread_does_it(make):
    called = threading.Event()
    threads = []

    def call():
        threads.append(threading.current_thread())
        called.set()

    _, client = make(call, 0.01)
    client.get("/")
    assert called.wait(10)
    assert threads[0] is not threading.current_thread()


@pytest.mark.parametrize("background", [False, True])
def test_an_answer_waits_for_what_its_request_began(make, background):
    done, go = [], threading.Event()

    def work(batch):
        # Where nobody waits for it, it is still at it when the answer is there.
        if background:
            assert go.wait(10)
        done.extend(batch)

    worker = BatchWorker("test", work, 1, 10)
    app, client = make(lambda: None, BACKGROUND=background)
    app.add_url_rule("/do", "do", lambda: str(worker.submit("it")))
    before_answers(app, lambda: worker.flush(30))
    client.get("/do")
    assert done == ([] if background else ["it"])
    go.set()
    assert worker.stop(10)
