"""The whole story, from a monolith to today, with people who chat all the time."""

import json
import os
import signal

import pytest

from mftools.tour.beginning import SCENES
from mftools.tour.steps import STEPS

# What is to be seen when one does as the pause after a step says.
SHOWN = {
    "monolith": "127.0.0.1:",
    "- ui": "ui-1",
    "- users": "users-1",
    "- tokens": '"token":',
    "- messages": "hello <em>world</em>!",
    "- socketio": '"upgrades":["websocket"]',
    "no monolith": "messages",
    "v0.1": "404",
    "v0.2": '"nickname":"ada"',
    "v0.3": '"token":',
    "v0.4": "hello <em>world</em>!",
    "v0.5": "messages",
    "v0.6": "HTTP/1.1 401",
    "v1.0": '"upgrades":["websocket"]',
    "today": "messages",
}


@pytest.fixture(scope="module")
def document(journey):
    """Play all of it; return the figures."""
    journey.travel()
    return json.loads(journey.document.read_text())


def test_nobody_notices_any_upgrade(document, journey):
    for step in document["steps"]:
        assert (step["step"], step["failures"]) == (step["step"], [])
        assert (step["step"], step["lost"], step["doubled"]) == (step["step"], 0, 0)
        assert (step["step"], step["damaged_files"]) == (step["step"], [])
    for heard in (document["first_listeners"], document["listeners"]):
        assert (heard["lost"], heard["doubled"], heard["out_of_order"]) == (0, 0, 0)
    assert document["good"]
    assert journey.code == 0, journey.rest


def acts(document):
    """Return the steps of both acts; each ends with what is read back at its end."""
    first = len(SCENES) + 1
    return document["steps"][:first], document["steps"][first:]


def test_clients_do_all_from_the_monolith_on(document):
    steps, _ = acts(document)
    assert [step["step"] for step in steps[:-1]] == [scene.name for scene in SCENES]
    for step in steps[1:-1]:
        kinds = {"GET", "sign-up", "login", "POST /api/messages", "POST a file"}
        assert set(step["requests"]) == kinds
        assert step["acknowledged"] > 10
    assert document["first_listeners"]["delivered"] > 10


def test_clients_do_in_each_step_what_can_be_done(document):
    _, steps = acts(document)
    names = [step["step"] for step in steps]
    assert names[: len(STEPS)] == [step.name for step in STEPS]
    asked = {step["step"]: step["requests"] for step in steps}
    assert set(asked["v0.1"]) == {"GET"}
    assert set(asked["v0.2"]) == {"GET", "sign-up"}
    assert set(asked["v0.3"]) == {"GET", "sign-up", "login"}
    for name in names[3 : len(STEPS)]:
        assert asked[name].keys() == asked["v0.3"].keys() | {"POST /api/messages"}
    # What came after the talk: rooms, and files in them.
    assert "POST a file" in asked["today"]
    written = [step["acknowledged"] for step in steps[3:-1]]
    assert min(written) > 10
    assert document["listeners"]["delivered"] > 10


def test_what_a_pause_says_can_be_typed(document, journey):
    names = [step["step"] for act in acts(document) for step in act[:-1]]
    assert len(journey.tried) == len(names)
    for name, done in zip(names, journey.tried, strict=True):
        assert done.returncode == 0, f"{name}: {done.stderr}"
        assert SHOWN[name] in done.stdout.replace('": ', '":'), done.stdout


def test_nothing_is_left_running(document, journey):
    assert journey.processes() == []


@pytest.mark.parametrize("act", ["monolith", "nothing"])
def test_a_tour_that_is_interrupted_leaves_nothing_running(document, journey, act):
    with journey.tour("--from", act) as process:
        for line in process.stderr:
            if "from now on clients load the page" in line:
                break
        os.killpg(process.pid, signal.SIGINT)
        process.stderr.read()
        assert process.wait() == 130
    assert journey.processes() == []
    assert json.loads(journey.document.read_text())["steps"] == []


def test_a_tour_that_nobody_follows_any_more_leaves_nothing_running(document, journey):
    with journey.tour("--from", "nothing") as process:
        for line in process.stderr:
            if "from now on clients load the page" in line:
                break
        process.stderr.close()
        assert process.wait() != 0
    assert journey.processes() == []
