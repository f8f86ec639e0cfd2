"""A monolith is started, stopped, killed and started again; nothing is lost."""

import json
import os
import re
import signal
import sqlite3
import threading
import time
import uuid

import pytest
import requests
from chat import Person


def status(monolith):
    return json.loads(monolith.run("mfstatus", "--json").stdout)


def server(monolith):
    """Return the server's first process, and the one that answers."""
    first = status(monolith)["instances"][0]["pid"]
    with open(f"/proc/{first}/task/{first}/children") as children:
        return first, *map(int, children.read().split())


def somebody(monolith):
    """Return somebody who has just registered."""
    return Person(monolith.url, f"ada {uuid.uuid4().hex[:8]}")


def wait_until_back(monolith, before):
    """Wait until another process answers than the last of those before."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            found = server(monolith)
            requests.get(f"{monolith.url}/api/users", timeout=5).raise_for_status()
        except (requests.RequestException, FileNotFoundError):
            found = before
        if len(found) > 1 and found[-1] != before[-1]:
            return
        time.sleep(0.1)
    raise AssertionError("it does not come back")


def test_it_is_one_process_with_everything_in_it(platform):
    shown = status(platform)
    assert (shown["running"], shown["runtime"]) == (True, "monolith")
    assert shown["url"] == f"{platform.url}/"
    services = {one["service"]: one["health"] for one in shown["instances"]}
    assert len(services) >= 5 and set(services.values()) == {"ready"}
    assert len({one["pid"] for one in shown["instances"]}) == 1
    assert "monolith" in platform.run("mfstatus").stdout


def test_mfdoctor_finds_nothing_wrong_with_it(platform):
    told = json.loads(platform.run("mfdoctor", "--json", check=False).stdout)
    found = {one["check"] for one in told["findings"]}
    # What a machine of tests may lack, and what tests need.
    assert told["running"] and found <= {"disk", "memory", "limits"}


def test_it_holds_little_when_it_is_idle(own):
    # Nobody has used it yet.
    assert 20 < status(own)["memory_mb"] <= 120


def test_a_second_mfup_changes_nothing(platform):
    before = server(platform)
    assert platform.up().stdout.strip() == f"{platform.url}/"
    assert server(platform) == before


def test_its_log_is_shown_and_has_no_secret(platform, person):
    person("ada").say("a word that is nobody's business")
    shown = platform.run("mflogs").stdout
    assert "POST /api/messages 201" in shown
    assert "nobody's business" not in shown
    for line in (platform.home / "secrets.env").read_text().splitlines():
        assert line.partition("=")[2] not in shown


def test_all_that_it_keeps_is_for_its_owner_only(platform):
    for path in [platform.home, *platform.home.rglob("*")]:
        if "tools" not in str(path) and not path.is_symlink():
            folder = path.parent.stat().st_mode & 0o077
            assert not path.stat().st_mode & 0o077 or not folder, path


def test_commands_that_mean_a_platform_say_what_to_call(platform):
    for words in (["mfrun", "users"], ["etcd-dump"], ["mfup"], ["mfenv"]):
        result = platform.run(*words, check=False)
        assert result.returncode == 1
        assert result.stderr.count("\n") == 1
        assert "mfup --monolith" in result.stderr


def test_people_messages_and_what_was_ended_outlive_a_restart(own):
    ada, eve = somebody(own), somebody(own)
    own.run("mfuser", "admin", ada.nickname)
    own.run("mfuser", "deactivate", eve.nickname)
    signed_out = dict(ada.session.headers)
    ada.send("DELETE", "/api/tokens")
    ada.session.headers["Authorization"] = f"Bearer {ada.sign_in()}"
    said = ada.say("still here")
    own.run("mfdown")
    with pytest.raises(requests.ConnectionError):
        requests.get(own.url, timeout=5)
    own.up()
    listed = ada.send("GET", said["_links"]["self"]).json()
    said.pop("idempotency_key", None)
    assert listed == said
    answer = requests.get(f"{own.url}/api/tokens", headers=signed_out, timeout=30)
    assert answer.status_code == 401
    assert eve.send("GET", "/api/tokens", check=False).status_code == 401
    assert ada.send("GET", "/api/users/invitations").ok


def test_the_key_of_tokens_is_replaced_and_nobody_is_signed_out(own):
    ada = somebody(own)
    before = own.run("mfsecrets", "list").stdout
    own.run("mfsecrets", "rotate")
    assert own.run("mfsecrets", "list").stdout != before
    assert ada.send("GET", "/api/tokens").ok
    own.run("mfsecrets", "retire", "--now")
    assert ada.send("GET", "/api/tokens", check=False).status_code == 401
    assert ada.sign_in()


class Talker(threading.Thread):
    """Writes as fast as it is answered, and remembers what was acknowledged."""

    def __init__(self, person):
        super().__init__(daemon=True)
        self.person, self.acknowledged, self.done = person, {}, threading.Event()

    def run(self):
        number = 0
        while not self.done.is_set():
            number += 1
            try:
                said = self.person.say(
                    f"{number} of {self.person.nickname}", timeout=60
                )
            except (requests.RequestException, AssertionError):
                continue
            self.acknowledged[said["id"]] = said["source"]


@pytest.mark.parametrize("whom", ["all at once", "the one that answers", "the first"])
def test_nothing_acknowledged_is_lost_when_it_is_killed(own, whom):
    talkers = [Talker(somebody(own)) for _ in range(4)]
    for talker in talkers:
        talker.start()
    for _ in range(3):
        said = sum(len(one.acknowledged) for one in talkers)
        while sum(len(one.acknowledged) for one in talkers) < said + 20:
            time.sleep(0.01)
        pids = server(own)
        chosen = {"all at once": pids, "the first": pids[:1]}.get(whom, pids[1:])
        for pid in chosen:
            os.kill(pid, signal.SIGKILL)
        wait_until_back(own, pids)
    for talker in talkers:
        talker.done.set()
        talker.join()
    for talker in talkers:
        for message_id, source in talker.acknowledged.items():
            found = talker.person.send("GET", f"/api/messages/{message_id}").json()
            assert found["source"] == source
    own.run("mfdown")
    file = own.home / "monolith" / "messages.db"
    with sqlite3.connect(file) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        changes = [c for (c,) in database.execute("SELECT change FROM messages")]
    assert len(set(changes)) == len(changes) >= 60
    # Its next keeper has seen nothing die yet.
    own.up()


def test_what_a_dead_keeper_left_is_taken_over(own):
    ada = somebody(own)
    keeper = json.loads((own.home / "monolith" / "process.json").read_text())
    os.kill(keeper["keeper"], signal.SIGKILL)
    assert ada.say("it serves on")
    assert re.search("keeper has died", own.run("mfstatus").stdout)
    own.up()
    assert "keeper has died" not in own.run("mfstatus").stdout
    assert ada.say("and now it is watched again")
