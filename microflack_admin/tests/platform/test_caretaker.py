"""The caretaker on a real platform: what is wanted comes back, and why is told."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path

from daemons import wait_for
from platforms import Platform
from under_load import under_load
from upgrade_fixtures import release, versions

from mfplatform.caretaker import store
from mfplatform.state import instances, lb_state, wishes
from mfplatform.state.home import Home
from mfplatform.upgrade.lock import KEY as LOCK_KEY
from mfplatform.upgrade.lock import LockHolder
from microflack_common.registry import Registry

pytest_plugins = ["platform_fixtures"]
# What it waits for takes ten times as long where others have the processors.
TIMEOUT_SECONDS = 600


def ready(platform: Platform) -> list[str]:
    """Return the instances that get requests."""
    # Asked again and again: a command for each would take all of a processor.
    balancer, _ = lb_state.read(Registry(platform.registry))
    found = balancer.services.get("echo", {}).get("instances", {})
    return [name for name, one in found.items() if one["state"] == "ready"]


def has_done(platform: Platform, kind: str) -> bool:
    """Say whether the caretaker has done something of a kind."""
    actions = store.entries(Registry(platform.registry))
    return any(one["kind"] == kind for one in actions)


def told_of(platform: Platform, kind: str) -> dict[str, str]:
    """Wait until the caretaker has done something of a kind; return what it tells."""
    wait_for(lambda: has_done(platform, kind), TIMEOUT_SECONDS)
    told = json.loads(platform.done("mfstatus", "--why", "--json"))
    return [one for one in told["actions"] if one["kind"] == kind][-1]


def test_a_frozen_instance_is_replaced_though_the_caretaker_died(
    platform: Platform,
) -> None:
    platform.done("mfscale", "echo", "2")
    frozen, other = ready(platform)
    os.kill(platform.pid(frozen), signal.SIGSTOP)
    os.kill(platform.pid("caretaker"), signal.SIGKILL)
    done = told_of(platform, "Recycle")
    assert done["outcome"] == store.DONE
    assert done["why"].startswith(f"{frozen} gives no answer for ")
    assert frozen not in ready(platform) and other in ready(platform)
    assert len(ready(platform)) == 2
    lines = (platform.home / "logs" / "audit.log").read_text().splitlines()
    (audited,) = (
        one for one in map(json.loads, lines) if one.get("why") == done["why"]
    )
    assert audited["message"] == f"mfrun echo; mfkill {frozen}"
    assert audited["by"] == f"caretaker ({os.getuid()})"


def recorded(platform: Platform) -> list[str]:
    """Return the instances that there are, also those that are just being started."""
    return [one.name for one in instances.all_instances(Home(platform.home))]


def test_one_that_was_only_slow_stays(platform: Platform) -> None:
    platform.done("mfscale", "echo", "2")
    slow, other = ready(platform)
    # What it did before would have it wait.
    Registry(platform.registry).delete(store.KEY)
    os.kill(platform.pid(slow), signal.SIGSTOP)
    try:
        wait_for(lambda: len(recorded(platform)) == 3, TIMEOUT_SECONDS)
    finally:
        os.kill(platform.pid(slow), signal.SIGCONT)
    assert told_of(platform, "Recycle")["outcome"] == store.DONE
    assert told_of(platform, "StopInstance")["why"] == "2 are wanted, and 3 serve"
    assert set(recorded(platform)) == {slow, other} == set(ready(platform))


def test_two_of_them_act_one_at_a_time_and_may_die_at_work(platform: Platform) -> None:
    platform.done("mfscale", "echo", "1")
    key, registry = wishes.key("echo"), Registry(platform.registry)
    with beside(platform) as second:
        for wanted in (3, 1):
            registry.put(key, str(wanted))
            killed = wait_for(lambda: killed_at_work(registry), TIMEOUT_SECONDS)
            if killed == second.pid:
                second.wait()
            # Whoever takes over looks first: nothing is done twice.
            wait_for(lambda wanted=wanted: has(platform, wanted), TIMEOUT_SECONDS)
    platform.done("mfscale", "--forget", "echo")


def has(platform: Platform, number: int) -> bool:
    """Say whether so many get requests; there are never more than are wanted."""
    found = len(instances.all_instances(Home(platform.home)))
    assert found <= 3
    return found == len(ready(platform)) == number


@contextmanager
def beside(platform: Platform) -> Iterator[subprocess.Popen[bytes]]:
    """Have another caretaker beside the platform's own."""
    first = Path(f"/proc/{platform.pid('caretaker')}")
    program = first.joinpath("cmdline").read_text().rstrip("\0").split("\0")
    given = first.joinpath("environ").read_text().rstrip("\0").split("\0")
    environment = dict(one.split("=", 1) for one in given)
    quiet = subprocess.DEVNULL
    with subprocess.Popen(program, env=environment, stdout=quiet) as other:
        try:
            yield other
        finally:
            other.kill()


def killed_at_work(registry: Registry) -> int:
    """Kill the caretaker that does something; return its process, 0 if none does."""
    holder = LockHolder.parse(registry.get(LOCK_KEY) or "")
    if holder is None or not holder.why.startswith("caretaker: "):
        return 0
    os.kill(holder.owner.pid, signal.SIGKILL)
    return holder.owner.pid


def test_as_many_as_are_wanted_are_started_and_stopped(platform: Platform) -> None:
    platform.done("mfscale", "echo", "1")
    # Anything may write the key.
    key, registry = wishes.key("echo"), Registry(platform.registry)
    registry.put(key, "2")
    wait_for(lambda: len(ready(platform)) == 2, TIMEOUT_SECONDS)
    registry.put(key, "1")
    wait_for(lambda: len(ready(platform)) == 1, TIMEOUT_SECONDS)
    assert told_of(platform, "StartInstances")["command"] == "mfrun echo"
    assert told_of(platform, "StopInstance")["why"] == "1 are wanted, and 2 serve"
    assert "1 are wanted, and 2 serve" in platform.done("mfstatus", "--why")


def test_a_load_brings_another_instance_and_no_request_fails(
    platform: Platform,
) -> None:
    platform.done("mfscale", "echo", "1-2")
    with under_load(platform, clients=8, path="/api/echo?wait=1") as statuses:
        wait_for(lambda: len(ready(platform)) == 2, TIMEOUT_SECONDS)
    assert statuses == {200}
    done = told_of(platform, "Scale")
    assert done["command"] == "mfscale echo 2"
    assert "requests or clients at a time" in done["why"]
    platform.done("mfscale", "--forget", "echo")


def test_a_release_that_crashes_after_it_was_rolled_is_taken_back(
    platform: Platform,
) -> None:
    release(platform, "4", "dies")
    told = platform.folder / "told"
    platform.done("mfup", MF_HOOK=f"cat >>'{told}'; echo >>'{told}'")
    assert (
        platform.done("mfstatus", "--test-hook") == "MF_HOOK was told: it ended with 0"
    )
    platform.done("mfscale", "echo", "2")
    platform.done("mfupgrade", "roll", "echo", "4", "--watch", "1")
    assert set(versions(platform).values()) == {"4"}

    def has_gone_back() -> bool:
        # It is answered by nobody, or in HTML.
        with suppress(OSError, HTTPException, ValueError):
            platform.get("/api/echo?die=1")
        return has_done(platform, "RollBack")

    wait_for(has_gone_back, TIMEOUT_SECONDS)
    done = told_of(platform, "RollBack")
    assert "of a release that was rolled" in done["why"]
    assert done["command"] == "mfupgrade rollback echo"
    assert set(versions(platform).values()) == {"1"}
    assert len(ready(platform)) == 2
    assert platform.get("/api/echo")[0] == 200

    def is_told() -> bool:
        events = [json.loads(line)["event"] for line in told.read_text().splitlines()]
        assert events[0] == "test"
        return "caretaker" in events

    wait_for(is_told, TIMEOUT_SECONDS)
    platform.done("mfup", MF_HOOK="none")
    assert "nobody is to be told" in platform.mf("mfstatus", "--test-hook").stderr


def test_a_backup_is_made_by_night_and_the_first_at_once(
    platform: Platform, tmp_path: Path
) -> None:
    refused = platform.mf("mfup", MF_BACKUP=str(tmp_path / "missing"))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "there is no folder" in refused.stderr
    secret, folder = tmp_path / "passphrase", tmp_path / "backups"
    secret.write_text("a long passphrase\n")
    folder.mkdir()
    asked = {"MF_BACKUP": str(folder), "MF_BACKUP_PASSPHRASE_FILE": str(secret)}
    platform.done("mfup", **asked)
    # It has its name when it is complete, and is told of right after.
    wait_for(lambda: platform.status()["backup"] is not None, TIMEOUT_SECONDS)
    (file,) = folder.iterdir()
    told = platform.status()
    assert (told["backup"]["file"], told["backup"]["problem"]) == (str(file), None)
    assert told["nightly"]["secrets"] is True
    shown = platform.done("mfstatus")
    assert f"Backups: at 03:00 each night, in {folder}; 7 are kept" in shown
    audit = (platform.home / "logs" / "audit.log").read_text().splitlines()
    (line,) = (one for one in map(json.loads, audit) if "mfbackup" in one["message"])
    assert line["by"].endswith(", through MF_BACKUP")
    platform.done("mfup", MF_BACKUP="none")
    assert platform.status()["nightly"] is None
