"""What is left of a move that does not come to its end; nothing is lost."""

import json
import signal

import pytest
import requests
from chat import Person
from moving import refusal, stopped
from talking import check_nothing_is_wrong, wait_for_more, wait_until

INTERRUPTED = "The move of messages from {monolith} to {platform} was interrupted"
DAMAGE = """
CREATE TRIGGER messages.damage BEFORE INSERT ON messages.messages FOR EACH ROW
SET NEW.source = CONCAT(NEW.source, '!')
"""


@pytest.fixture
def interrupted(town):
    """Return how the sentence begins with which commands tell of it."""
    return INTERRUPTED.format(monolith=town.monolith.home, platform=town.home)


def told(home):
    """Return what mfstatus says of moves."""
    return json.loads(home.run("mfstatus", "--json").stdout)["moves"]


def keeper_of(monolith):
    """Return the process that keeps a monolith running."""
    file = monolith.home / "monolith" / "process.json"
    return json.loads(file.read_text())["keeper"]


def has_been_told(pid):
    """Say whether a SIGHUP waits for a process."""
    with open(f"/proc/{pid}/status") as status:
        (pending,) = [line.split()[1] for line in status if line.startswith("ShdPnd:")]
    return bool(int(pending, 16) & 1 << (signal.SIGHUP - 1))


def part(town, name):
    """Return the process of a part of the platform."""
    parts = json.loads(town.run("mfstatus", "--json").stdout)["parts"]
    (pid,) = [one["pid"] for one in parts if one["name"] == name]
    return pid


def test_a_copy_that_is_not_equal_is_not_used(town, talkers, interrupted):
    town.move_until("messages", "Copied")
    # From now on each row that comes is another one there.
    town.sql(DAMAGE)
    wait_for_more(talkers[0])
    # Also when the mover dies while it gives the service back.
    town.move_until("messages", "as before")
    assert "the copy of messages is not equal" in refusal(town, "messages")
    assert town.monolith.without() == "" and not town.instances("messages")
    wait_for_more(talkers[0])
    for one in talkers:
        one.done.set()
        one.join()
    assert [one.failures for one in talkers] == [[], [], []]
    check_nothing_is_wrong(talkers, town.url)
    (said,) = told(town)
    assert said.startswith(f"{interrupted}, and it stays where it was")
    assert told(town.monolith) == []
    town.sql("DROP TRIGGER messages.damage")


def test_what_a_move_has_left_to_nobody_is_told_and_gone_on_with(town, interrupted):
    ada = Person(town.url, "ada")
    said = ada.say("before")
    keeper = keeper_of(town.monolith)

    def is_leaving():
        if not has_been_told(keeper):
            return False
        assert "is being moved at this moment" in refusal(town, "messages")
        (sentence,) = told(town)
        assert sentence.startswith("messages is being moved from")
        return True

    with stopped(keeper):
        town.move_until("messages", "goes on without", is_leaving)
    assert town.monolith.without() == "messages"
    away = f"{interrupted}, and whoever asks for it waits. Go on with: "
    for home in (town, town.monolith):
        (sentence,) = told(home)
        assert sentence.startswith(away)
        assert sentence in home.run("mfstatus").stdout
    refused = town.run("mfrun", "messages", check=False)
    assert refused.returncode == 1 and "is on its way here" in refused.stderr
    # As after a power cut.
    town.monolith.run("mfdown")
    town.run("mfdown")
    failed = town.run("mfup", check=False)
    assert failed.returncode == 1 and "no monolith is running" in failed.stderr
    assert away in town.monolith.up().stderr
    result = town.run("mfup")
    assert "users stays in its monolith" in result.stderr
    status = json.loads(town.run("mfstatus", "--json").stdout)
    assert status["moves"] == []
    there = {one["instance"] for one in status["instances"]}
    assert there == {"messages-1", "server"}
    assert ada.send("GET", said["_links"]["self"]).json()["source"] == "before"
    assert ada.say("after")["change"] > said["change"]


def test_an_instance_that_a_dead_mover_has_started_is_taken(town):
    with stopped(part(town, "renderer")):
        # It is there, and its place has been made; nobody routes it.
        town.move_until(
            "ui", "Starting", lambda: town.key("monolith/location")["value"] != "/"
        )
    assert town.move("ui").stdout.strip() == "ui-1"
    assert [one["instance"] for one in town.instances("ui")] == ["ui-1"]
    assert town.monolith.without() == "messages,ui"
    wait_until(lambda: "<title>" in requests.get(town.url, timeout=30).text)
