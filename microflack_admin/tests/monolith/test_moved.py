"""What is asked of a service that is on its way elsewhere waits, and is passed on."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask, jsonify, request
from test_composition import application, get, service

from mfplatform.monolith import interim
from mfplatform.monolith.composition import AT_A_TIME, Composition
from mfplatform.monolith.moved import PASSED_ON
from microflack_common.http import Client
from microflack_common.testing import running

TIMEOUT_SECONDS = 60


class Balancer:
    """A load balancer that sends requests back until the service is there."""

    def __init__(self):
        self.asked = []
        self.is_there = False
        self.app = Flask("balancer")
        self.app.add_url_rule("/api/moved", "moved", self.answer)

    def answer(self):
        assert request.headers[PASSED_ON]
        self.asked.append(time.monotonic())
        if self.is_there:
            return jsonify(name="moved")
        return jsonify(error="here"), 421, {PASSED_ON: "back"}


@pytest.fixture
def balancer(monkeypatch):
    found = Balancer()
    with running(found.app) as url:
        monkeypatch.setenv("LB", url)
        yield found


def asking(name):
    """Return an application that asks the service that has been moved."""
    app = application(name)
    app.add_url_rule(
        "/asks-moved", "asks-moved", lambda: Client("local:").get("/api/moved").json()
    )
    return app


@pytest.fixture
def composition(balancer):
    here = {service("page", "/"): asking("page")}
    found = Composition(here, [service("moved", "/api/moved")])
    found.guard([], [], counts=False)
    found.start()
    return found


def wait_until(condition):
    end = time.monotonic() + TIMEOUT_SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_all_who_wait_are_answered_when_it_is_there(balancer, composition):
    count = 30
    with ThreadPoolExecutor(count) as pool:
        answers = [pool.submit(get, composition, "/api/moved") for _ in range(count)]
        # Each asks once at most when it comes, and after that one of them for all.
        wait_until(lambda: len(balancer.asked) > count)
        begun, before = time.monotonic(), len(balancer.asked)
        wait_until(lambda: len(balancer.asked) >= before + 5)
        assert time.monotonic() - begun > 0.3
        assert not any(one.done() for one in answers)
        balancer.is_there = True
        assert {one.result() for one in answers} == {(200, '{"name":"moved"}\n')}


def test_who_waits_for_it_inside_keeps_nobody_else_waiting(balancer, composition):
    count = AT_A_TIME + 2
    with ThreadPoolExecutor(count) as pool:
        answers = [pool.submit(get, composition, "/asks-moved") for _ in range(count)]
        wait_until(lambda: len(balancer.asked) >= 3)
        others = [get(composition, "/") for _ in range(count)]
        assert {status for status, _ in others} == {200}
        assert not any(one.done() for one in answers)
        balancer.is_there = True
        assert {status for status, _ in (one.result() for one in answers)} == {200}


def test_what_comes_back_to_here_is_not_passed_on_again(balancer, composition):
    answers = []
    with running(composition) as url:
        back = Client(url).get("/api/moved", headers={PASSED_ON: "yes"})
        answers.append((back.status_code, back.headers[PASSED_ON]))
    assert answers == [(421, "back")]
    assert balancer.asked == []


def test_a_client_hears_that_its_answer_is_still_to_come():
    client, server = socket.socketpair()
    with client, server:
        outer = {interim.SOCKET: server, "SERVER_PROTOCOL": "HTTP/1.1"}
        with interim.to(outer):
            # What is asked by the way has no client of its own.
            asked = interim.Interim({"SERVER_PROTOCOL": "HTTP/1.1"}, 0.0)
        asked.tell()
        interim.Interim(outer, TIMEOUT_SECONDS).tell()
        interim.Interim(outer | {"SERVER_PROTOCOL": "HTTP/1.0"}, 0.0).tell()
        server.close()
        assert client.recv(1000) == interim.CONTINUE
        # Who has gone is told nothing, and that harms nobody.
        asked.tell()


def test_each_thread_has_its_own_client():
    seen = []
    with interim.to({"SERVER_PROTOCOL": "HTTP/1.1", "who": "one"}):
        other = threading.Thread(target=lambda: seen.append(interim.Interim({})))
        other.start()
        other.join()
    assert seen[0]._environ == {}
