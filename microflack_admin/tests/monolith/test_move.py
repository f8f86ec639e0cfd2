"""Services are moved out of a monolith while people chat; nothing is lost."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
import requests
from chat import ADMIN, Person
from moving import refusal
from talking import check_nothing_is_wrong, wait_for_more, wait_until

# Where a mover is killed: each is what it says at that moment.
STEPS = ["Copied", "goes on without", "equal (SHA-256", "Starting"]
WITH_A_DATABASE = [
    file.parent.name.removeprefix("microflack_")
    for file in sorted(ADMIN.parent.glob("microflack_*/service.env"))
    if "NEEDS_DB=yes" in file.read_text()
]
# As the guide has them.
SERVICES = ["ui", "users", "tokens", "messages", "socketio"]


@pytest.mark.parametrize("service", WITH_A_DATABASE)
def test_all_tables_of_a_service_are_copied_as_they_are(town, tmp_path, service):
    found = town.copied(service, tmp_path)
    first, again, changed, last = found["told"]
    rows = {name: table["rows"] for name, table in first["tables"].items()}
    assert sorted(rows) == found["filled"]
    assert min(rows.values()) >= 40
    assert first["differed"] >= 40 * len(rows)
    # One row less in each table, and one that has another key; a database may count
    # changes itself.
    assert 3 * len(rows) <= changed["differed"] <= 4 * len(rows)
    assert again["differed"] == last["differed"] == 0
    assert all(one["equal"] for one in found["told"])
    before, after = first["tables"], last["tables"]
    assert all(before[name]["sha256"] != after[name]["sha256"] for name in rows)


def test_a_move_into_a_platform_that_has_people_already(town):
    town.run("mfbuild", "users")
    name = town.run("mfrun", "users").stdout.strip()
    body = {"nickname": "grace", "password": "a password: 1"}
    requests.post(f"{town.url}/api/users", json=body, timeout=30).raise_for_status()
    assert f"runs {name} already" in refusal(town, "users")
    people = requests.get(f"{town.url}/api/users", timeout=30).json()["users"]
    assert [one["nickname"] for one in people] == ["grace"]
    town.run("mfkill", "users")
    assert "has a database of users already" in refusal(town, "users")
    assert not (town.home / "moving" / "users.json").exists()
    assert town.monolith.without() == ""
    # As if nobody had been there.
    town.sql("DROP DATABASE users")
    requests.delete(
        f"{town.registry}/v2/keys/services/users",
        params={"recursive": "true"},
        timeout=30,
    ).raise_for_status()
    wait_until(lambda: requests.get(f"{town.url}/api/users", timeout=30).ok)


def test_a_monolith_of_another_release(town, tmp_path):
    older = tmp_path / "microflack_messages"
    older.mkdir()
    (older / "VERSION").write_text("1\n")
    environ = town.environ | {
        "MONOLITH_FOLDER": str(town.monolith.home / "monolith"),
        "MONOLITH_LISTENING": "",
        "MONOLITH_WITHOUT": "",
        "MF_ROOT": str(tmp_path),
    }
    wait = [sys.executable, "-c", "print(flush=True); input()"]
    with subprocess.Popen(
        wait, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as server:
        server.stdout.readline()
        assert "runs another release of messages" in refusal(town, "messages")
        server.communicate(b"\n")


def test_a_monolith_that_stands_elsewhere(town, platform, another, monkeypatch):
    monkeypatch.setattr(town, "monolith", platform)
    assert "does not stand behind this platform" in refusal(town, "messages")
    # As if it had been stopped.
    shutil.copy(platform.home / "settings.env", another.home)
    monkeypatch.setattr(town, "monolith", another)
    assert "no monolith is running" in refusal(town, "messages")


def test_a_monolith_that_has_tables_of_its_own(town):
    file = town.monolith.home / "monolith" / "messages.db"
    with closing(sqlite3.connect(file)) as own, own:
        own.execute("CREATE TABLE somebodys (id INTEGER PRIMARY KEY)")
    assert "do not have the same tables: somebodys" in refusal(town, "messages")
    assert town.monolith.without() == ""
    with closing(sqlite3.connect(file)) as own, own:
        own.execute("DROP TABLE somebodys")


def test_a_move_that_is_killed_at_each_step_goes_on(town, talkers):
    wait_for_more(talkers[0])
    for sign in STEPS:
        town.move_until("messages", sign)
    name = town.move("messages").stdout.strip()
    assert [one["instance"] for one in town.instances("messages")] == [name]
    wait_for_more(talkers[0], 5)
    for one in talkers:
        one.done.set()
        one.join()
    check_nothing_is_wrong(talkers, town.url)
    # The mover's last call was repeated often enough for everybody who was held.
    assert [one.failures for one in talkers] == [[], [], []]
    assert town.move("messages").stdout.strip() == name


def test_what_has_no_database_is_moved_and_the_monolith_goes_without(town, talkers):
    assert town.move("ui").stdout.strip() == "ui-1"
    assert town.move("tokens").stdout.strip() == "tokens-1"
    assert town.monolith.without() == "messages,tokens,ui"
    assert "<title>" in talkers[0].person.send("GET", "/").text
    wait_for_more(talkers[0])
    assert [one.failures for one in talkers] == [[], [], []]


def test_the_monolith_stays_without_them_when_it_is_started_again(town):
    ada = Person(town.url, "ada")
    town.monolith.run("mfdown")
    town.monolith.up()
    wait_until(lambda: ada.send("PUT", "/api/users/me", check=False).ok)
    status = json.loads(town.monolith.run("mfstatus", "--json").stdout)
    here = {one["service"] for one in status["instances"]}
    assert here == {"users", "socketio"}
    assert ada.say("it goes on")["user_id"] == ada.user["id"]


def test_the_guide_takes_it_apart_to_the_end(town):
    ada = Person(town.url, "grace hopper")
    ada.say("in the monolith")
    printed = town.type(2).split()
    assert printed == [town.instances(name)[0]["instance"] for name in SERVICES]
    moved = town.run("mfstatus", "--json").stdout
    assert {one["service"] for one in json.loads(moved)["instances"]} >= set(SERVICES)
    town.type(3)
    assert ada.say("without it")["user_id"] == ada.user["id"]
    assert "<title>" in ada.send("GET", "/").text
    assert ada.sign_in()
