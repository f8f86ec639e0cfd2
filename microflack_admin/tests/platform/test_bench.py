"""mfbench: how it is called, and a run of it that is too short to mean anything."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from daemons import wait_for
from platforms import ADMIN, Platform

from mfplatform.runtime.process.processes import is_alive
from mftools.bench import busy, usage
from mftools.bench.cpu_limit import CGROUPS, PREFIX, holder, limited
from mftools.bench.main import PARTS

pytest_plugins = ["platform_fixtures"]
BRIEFLY = ("--seconds", "0.3", "--rounds", "1", "--clients", "20")


def mfbench(*arguments: str, home: Path | None = None) -> subprocess.CompletedProcess:
    """Call the command of this checkout."""
    own = {k: v for k, v in os.environ.items() if not k.startswith("MF_")}
    if home is not None:
        own["MF_HOME"] = str(home)
    return subprocess.run(
        [ADMIN / "bin" / "mfbench", *arguments],
        env=own,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        # It builds all services first, if nothing else has. Beside a lot of other work
        # that and eight parts have taken more than a quarter of an hour.
        timeout=3600,
    )


def test_the_parts_are_listed() -> None:
    assert mfbench("--list").stdout.split() == list(PARTS)


@pytest.mark.parametrize(
    "arguments",
    [
        ["nix"],
        ["--fast"],
        ["--seconds"],
        ["--seconds", "x"],
        ["--rounds", "0"],
        ["--starved"],
        ["--starved", "upgrade", "posts"],
        ["--instances"],
        ["--instances", "0"],
        ["--instances", "1.5"],
    ],
)
def test_a_wrong_call_is_refused(arguments: list[str]) -> None:
    result = mfbench(*arguments)
    assert result.returncode == 2
    assert "Usage: mfbench" in result.stderr


def test_busy_processes_are_there_as_long_as_they_are_needed() -> None:
    with busy.beside(2) as pids:
        assert len(set(pids)) == 2
        wait_for(lambda: all(usage.cpu_seconds([pid]) > 0 for pid in pids))
    assert not any(is_alive(pid) for pid in pids)


def test_a_busy_process_ends_with_the_bench_that_is_killed() -> None:
    code = "from mftools.bench import busy\nwith busy.beside(1) as pids:\n"
    code += "    print(*pids, flush=True)\n    input()\n"
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ADMIN,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as bench:
        assert bench.stdout is not None
        pid = int(bench.stdout.readline())
        assert is_alive(pid)
        bench.kill()
    wait_for(lambda: not is_alive(pid))


@pytest.fixture(scope="module")
def home(
    first_platform: Platform, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Return a folder for the platforms that are measured; nothing stays running."""
    home = tmp_path_factory.mktemp("home")
    (home / "bench").mkdir()
    # Installing them takes a while and is the same for all.
    for name in ("tools", "wheelhouse"):
        (home / "bench" / name).symlink_to(first_platform.home / name)
    if "MF_RESULTS" in os.environ:
        kept = Path(os.environ["MF_RESULTS"]).parent
        (home / "bench" / "image-store").symlink_to(kept / "image-store")
    yield home
    assert not processes_of(home)


@pytest.fixture(scope="module")
def measured(home: Path) -> dict[str, Any]:
    """Measure a little of everything but what takes long; return the document."""
    parts = ("memory", "routing", "posts", "lists", "logins", "events")
    parts += ("storm", "scale-out")
    result = mfbench("--json", *BRIEFLY, *parts, home=home)
    assert result.returncode == 0, result.stderr
    return dict(json.loads(result.stdout))


@pytest.fixture(scope="module")
def compared(home: Path) -> dict[str, Any]:
    """Compare the chat with other servers; return the document."""
    if not (shutil.which("ejabberdctl") and shutil.which("prosodyctl")):
        pytest.skip("no other chat servers are here: `mfbench peers` installs them")
    result = mfbench("--json", *BRIEFLY, "peers", home=home)
    assert result.returncode == 0, result.stderr
    return dict(json.loads(result.stdout))


def processes_of(home: Path) -> list[str]:
    """Return the processes that have a platform's state on their command line."""
    shown = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True)
    return [line for line in shown.stdout.splitlines() if str(home) in line]


def row(document: dict[str, Any], what: str) -> dict[str, Any]:
    """Return the only figure of this name."""
    (found,) = [one for one in document["rows"] if one["what"] == what]
    return dict(found)


def test_all_that_was_answered_is_found_again(measured: dict[str, Any]) -> None:
    kept = row(measured, "answered messages that are stored as they were sent")
    assert kept["middle"] == 100
    assert kept["reached"] is True
    assert kept["answered"] > 0
    assert kept["doubled"] == 0


@pytest.mark.parametrize(
    ("ours", "bare"),
    [
        ("POST /api/messages", "a bare INSERT"),
        ("GET /api/messages, 100 of them", "a bare hello (gthread)"),
        ("GET /api/users, 100 of them", "a bare hello (gthread)"),
    ],
)
def test_ratios_are_those_of_the_same_run(
    measured: dict[str, Any], ours: str, bare: str
) -> None:
    ratio = row(measured, f"{ours}: of {bare}")
    rates = [row(measured, what) for what in (ours, bare)]
    assert ratio["middle"] == pytest.approx(rates[0]["middle"] / rates[1]["middle"])
    assert ratio["target"] in (">= 0.65", ">= 0.50")
    for rate in rates:
        assert rate["failed"] == 0
        assert rate["server_cpu_ms"] > 0
        assert 0 < rate["generator_cpu_share"] < 1


def test_memory_is_counted_for_each_service(measured: dict[str, Any]) -> None:
    rows = [one for one in measured["rows"] if one["part"] == "memory"]
    names = [one["what"] for one in rows if not one["what"].startswith("all ")]
    services = [one["middle"] for one in rows if one["what"] in names]
    parts = [one["middle"] for one in rows if one["what"].startswith("(")]
    assert {"messages", "tokens", "users", "(haproxy)", "(mariadb)"} <= set(names)
    total = row(measured, "all services")["middle"]
    assert total == pytest.approx(sum(services) - sum(parts), rel=0.2)
    assert row(measured, "all services, after some use")["middle"] > 50


def test_listeners_hear_everything_of_a_bare_server(measured: dict[str, Any]) -> None:
    missed = "a bare server, 20 clients, 5 messages/s: lost, doubled, refused"
    assert row(measured, missed)["middle"] == 0
    sustained = row(measured, "a bare server, 20 clients: sustained with p99 < 1 s")
    assert sustained["middle"] >= 10


def test_clients_of_a_killed_instance_come_back_and_miss_nothing(
    measured: dict[str, Any],
) -> None:
    back = row(measured, "all 20 clients of a killed instance caught up")
    assert back["note"] == "20 of 20"
    assert row(measured, "messages lost")["middle"] == 0
    assert row(measured, "messages doubled")["middle"] == 0
    assert "20 gaps" in row(measured, "a client's gap, p99")["note"]
    cost = row(measured, "CPU of all of the server's processes until then")
    assert cost["cpu_seconds"]["socketio"] > 0


@pytest.mark.parametrize("what", ["POST /api/messages", "GET /api/messages, 100"])
def test_more_instances_are_compared_with_one(
    measured: dict[str, Any], what: str
) -> None:
    rows = [one for one in measured["rows"] if one["part"] == "scale-out"]
    own = [one for one in rows if one["what"].startswith(what)]
    one, two, two_shares, four, four_shares = (found["middle"] for found in own)
    assert two_shares == pytest.approx(two / (2 * one))
    assert four_shares == pytest.approx(four / (4 * one))
    assert not [found for found in own if "FAILED" in found["note"]]


@pytest.mark.parametrize("name", ["ours", "ejabberd", "Prosody", "Synapse"])
def test_other_servers_do_the_same_work(compared: dict[str, Any], name: str) -> None:
    assert compared["skipped"] == {}
    stored = row(compared, f"{name}: acknowledged messages that are in its database")
    assert stored["middle"] == 100
    for what in ("messages posted", "newest 100 messages"):
        done = row(compared, f"{name}: {what}, 8 connections")
        assert done["middle"] > 0
        assert done["failed"] == 0
        assert done["server_cpu_ms"] > 0
    for clients in (6, 20):
        live = row(compared, f"{name}: {clients} clients, 5/s: the last hears, p99")
        assert live["failed"] == 0
        assert "NOT HEARD" not in live["note"]
    assert row(compared, f"{name}: memory, after all")["middle"] > 1


def test_a_process_is_held_to_a_share_of_a_core() -> None:
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy:
        try:
            with limited([busy.pid], 0.25):
                used, began = usage.cpu_seconds([busy.pid]), time.perf_counter()
                time.sleep(2)
                used = usage.cpu_seconds([busy.pid]) - used
            share = used / (time.perf_counter() - began)
        finally:
            busy.kill()
    assert share < 0.4


def test_processes_are_held_one_by_one_and_let_go_in_the_end() -> None:
    with subprocess.Popen(["sleep", "600"]) as one, subprocess.Popen(["cat"]) as other:
        file = Path(f"/proc/{one.pid}/cgroup")
        before = file.read_text()
        try:
            with holder(0.25) as hold:
                hold(one.pid)
                hold(other.pid)
                assert file.read_text() != before
                # One may be gone by then.
                other.kill()
                other.wait()
        except OSError as error:
            pytest.skip(f"no cgroups can be made here: {error}")
        finally:
            one.kill()
            other.kill()
    assert not list(CGROUPS.glob(f"{PREFIX}*")) + list(CGROUPS.glob(f"*/{PREFIX}*"))


def test_a_part_that_this_checkout_has_no_service_for_is_skipped(
    fresh: Platform,
) -> None:
    bench = fresh.home / "bench"
    bench.mkdir()
    for name in ("tools", "wheelhouse"):
        (bench / name).symlink_to((fresh.home / name).resolve())
    document = json.loads(fresh.done("mfbench", "--json", *BRIEFLY, "posts", "start"))
    assert "nothing serves /api/users" in document["skipped"]["posts"]
    assert [one["part"] for one in document["rows"]] == ["start", "start"]
