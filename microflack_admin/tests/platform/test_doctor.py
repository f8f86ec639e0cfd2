"""mfdoctor: what each check finds wrong, and the command that mends it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mfplatform.doctor import home_files, machine, report, watched
from mfplatform.doctor.facts import (
    AlertFacts,
    Disk,
    Facts,
    Program,
    RegistryFacts,
    Release,
    Running,
)
from mfplatform.state.home import Home
from mfplatform.state.last_backup import Outcome

DAY = 86400
NOW = 1_800_000_000.0
PART = {"name": "redis", "state": "running", "short_lives": 0}
INSTANCE = {"instance": "echo-1", "health": "ready", "routed": "ready"}
CERTIFICATE = {"until": int(NOW) + 60 * DAY, "problem": None}
SENT = {
    "to": "syslog://logs.test:514",
    "waiting": 0,
    "away_since": None,
    "reason": None,
    "given_up": 0,
}
STATUS = {
    "runtime": "process",
    "problem": None,
    "parts": [PART],
    "instances": [INSTANCE],
    "certificate": CERTIFICATE,
    "secrets_store": {"problem": None},
    "logs_to": SENT,
}
UP_TO_DATE = Release("echo", "9", "9", "9")
WELL = Facts(
    home=Path("/home/me/mf"),
    now=NOW,
    settings={"MF_BIND": "127.0.0.1"},
    programs=(Program("haproxy", "haproxy", ""),),
    disks=(Disk(Path("/home"), 0.5, 10**10),),
    memory=(4 * 10**9, 2 * 10**9),
    open_files=4096,
    owner="me",
    backup=Outcome(file="/b/a.mfbackup", at=int(NOW) - 60, problem=None),
    newest=NOW - 5,
    running=Running(
        STATUS,
        releases=(UP_TO_DATE,),
        registry=RegistryFacts(keys=200, bytes=20_000, database_share=0.01),
        alerts=AlertFacts(),
    ),
)
STOPPED = replace(WELL, running=Running())
NETWORK = {"MF_BIND": "0.0.0.0", "MF_TLS": "own", "MF_ACCESS": "members"}


def ill(**changes: Any) -> Facts:
    return replace(WELL, **changes)


def told(**changes: Any) -> Facts:
    return ill(running=replace(WELL.running, status=STATUS | changes))


def registry(**changes: Any) -> Facts:
    return ill(running=replace(WELL.running, registry=RegistryFacts(**changes)))


def alerts(**changes: Any) -> Facts:
    return ill(running=replace(WELL.running, alerts=AlertFacts(**changes)))


def settings(**changes: str) -> Facts:
    return ill(settings=NETWORK | changes)


def nightly_for_days() -> Facts:
    last = Outcome(file="/b/a.mfbackup", at=int(NOW) - 3 * DAY, problem=None)
    return ill(settings={"MF_BACKUP": "/b"}, backup=last)


FOUND = [
    (
        "packages",
        ill(missing_packages=("git", "curl")),
        "--no-install-recommends git curl",
    ),
    ("versions", ill(programs=(Program("etcd", "etcd-server", "old"),)), "etcd-server"),
    ("tools", ill(tools_are_broken=True), "mfup"),
    ("nightly", nightly_for_days(), "mfup"),
    ("disk", ill(disks=(Disk(Path("/x"), 0.95, 10**8),)), "mfprune"),
    ("memory", ill(memory=(5 * 10**8, 3 * 10**8)), "mfup --monolith"),
    ("memory", ill(memory=(4 * 10**9, 10**7)), "ps "),
    ("open files", ill(open_files=1024), "ulimit -n 4096"),
    ("clock", ill(newest=NOW + 600), "set-ntp true"),
    (
        "ports",
        replace(STOPPED, taken_ports=(("MF_PORT", 8080, "nc"),)),
        "MF_PORT=8081 mfup",
    ),
    ("damage", ill(damage="settings.env is damaged: it is empty."), "mfdown"),
    ("unreadable", ill(unreadable=(Path("/x/settings.env"),)), "sudo -E mfdoctor"),
    ("records", ill(torn=(Path("/x/echo-1/instance.json"),)), "mfstatus"),
    ("modes", ill(readable=(Path("/x/a b"), Path("/x/c"))), "chmod go= '/x/a b' /x/c"),
    ("owner", ill(foreign=(Path("/x/logs"),)), "chown -hR me /x/logs"),
    ("tls", settings(MF_TLS="off"), "mfup --tls own"),
    ("access", settings(MF_ACCESS="open"), "MF_ACCESS=members mfup"),
    ("limits", ill(settings={"MF_LIMITS": "off"}), "MF_LIMITS=on mfup"),
    (
        "backup",
        ill(backup=Outcome(file="/b/a b", at=int(NOW), problem="the disk is full")),
        "mfbackup '/b/a b'",
    ),
    ("platform", told(problem="the registry is away"), "mfup"),
    ("platform", ill(running=Running(problem="the supervisor has died")), "mfup"),
    (
        "platform",
        told(problem="its keeper has died", runtime="monolith"),
        "mfup --monolith",
    ),
    ("parts", told(parts=[PART | {"state": "no answer"}]), "mflogs redis"),
    ("parts", told(parts=[PART | {"short_lives": 3}]), "mflogs redis"),
    (
        "instances",
        told(instances=[INSTANCE | {"health": "crash-looping, last: exit status 3"}]),
        "mflogs echo-1",
    ),
    ("instances", told(instances=[INSTANCE | {"routed": "no"}]), "mflogs echo-1"),
    (
        "certificate",
        told(certificate=CERTIFICATE | {"problem": "it is for another name"}),
        "mflogs certificates",
    ),
    (
        "certificate",
        told(certificate=CERTIFICATE | {"until": NOW + DAY}),
        "mflogs certificates",
    ),
    ("secrets", told(secrets_store={"problem": "it is sealed"}), "mfsecrets status"),
    ("quorum", registry(has_quorum=False), "mflogs etcd registry"),
    ("keys", registry(keys=30_000, fullest="/revoked-tokens"), "/revoked-tokens"),
    ("keys", registry(keys=2, bytes=10**8, fullest="/a"), "etcd-dump /a"),
    ("database", registry(database_share=0.81), "mv '/home/me/mf/etcd'"),
    ("prometheus", alerts(problem="it answers 503"), "mflogs prometheus"),
    ("hook", alerts(is_told=False), "MF_HOOK="),
    (
        "alerts",
        alerts(firing=("PartDown: redis does not work. See: mflogs redis",)),
        "mflogs redis",
    ),
    ("alerts", alerts(firing=("Own: something",)), "mfstatus"),
    ("logs", told(logs_to=SENT | {"away_since": 1, "reason": "no"}), "mflogs logs"),
]


def test_nothing_is_found_where_all_is_well() -> None:
    assert report.examine(WELL) == []
    assert report.examine(STOPPED) == []
    assert report.examine(Facts()) == []
    assert report.examine(settings()) == []


@pytest.mark.parametrize(("check", "facts", "mend"), FOUND)
def test_what_is_wrong_is_found_with_what_mends_it(
    check: str, facts: Facts, mend: str
) -> None:
    (found,) = report.examine(facts)
    assert found.check == check
    assert found.what.endswith(".")
    assert mend in found.mend


@pytest.mark.parametrize(
    ("release", "mend"),
    [
        (Release("echo", "9", "10", "10"), "mfupgrade roll echo"),
        (Release("echo", "9", "9", "10"), "mfbuild echo && mfupgrade roll echo"),
        (Release("echo", "9", "", "10"), "mfbuild echo && mfupgrade roll echo"),
        (Release("echo", "9", "10", "9"), "mfupgrade roll echo"),
    ],
)
def test_an_older_release_is_found(release: Release, mend: str) -> None:
    running = replace(WELL.running, releases=(UP_TO_DATE, release))
    (found,) = report.examine(ill(running=running))
    assert (found.check, found.mend) == ("releases", mend)
    assert found.what.startswith("echo 9 serves, and ")


def test_a_damaged_part_is_told_with_its_way_out_alone() -> None:
    advice = "Begin anew: mfdown; mv 'a' 'b'; mfup\nHistory is lost."
    running = replace(
        WELL.running,
        status=STATUS | {"parts": [PART | {"name": "etcd", "state": "stopped"}]},
        ways_out={"etcd": advice},
    )
    (found,) = report.examine(ill(running=running))
    assert (found.check, found.mend) == ("data", "mfdown; mv 'a' 'b'; mfup")
    assert found.what.endswith("History is lost.")


def test_a_certificate_that_a_person_renews_is_told_earlier() -> None:
    soon = told(certificate=CERTIFICATE | {"until": NOW + 10 * DAY})
    assert report.examine(soon) == []
    (found,) = report.examine(replace(soon, settings={"MF_TLS": "file"}))
    assert found.mend == "MF_CERT=FILE mfup"


def test_every_check_finds_something() -> None:
    named = {check for check, _, _ in FOUND} | {"releases", "data"}
    assert len(named) == len(report.CHECKS)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("etcd", "etcd Version: 3.5.16\nGit SHA: x", ""),
        ("etcd", "etcd Version: 3.3.25", "etcd is 3.3, and the platform needs 3.4"),
        ("etcd", "etcd Version: 3.6.0", "no keys API of version 2"),
        ("haproxy", "HAProxy version 2.4.22-0ubuntu0.22.04.3", "needs 2.6 or newer"),
        ("haproxy", "HAProxy version 3.0.11-1+deb13u1", ""),
        ("mariadbd", "mariadbd  Ver 10.11.6-MariaDB for debian-linux-gnu", ""),
        ("redis-server", "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc", ""),
        ("redis-server", "", "does not say its version"),
    ],
)
def test_versions_are_judged(name: str, text: str, problem: str) -> None:
    judged = machine.judge(name, text)
    assert problem in judged and bool(problem) == bool(judged)


def test_the_servers_of_this_machine_will_do() -> None:
    found = list(machine.programs(dict.fromkeys(machine.KNOWN, "")))
    assert [one.problem for one in found] == [""] * len(found)


@pytest.mark.parametrize("port", ["eighty", "65536", "-1"])
def test_a_setting_that_is_no_port_is_told(port: str) -> None:
    (found,) = machine.taken_ports({"MF_PORT": port, "MF_HTTP_PORT": ""})
    assert found == ("MF_PORT", 0, f"'{port}' is no port")
    (told,) = report.examine(replace(STOPPED, taken_ports=(found,)))
    assert told.what == f"It cannot listen. MF_PORT: '{port}' is no port."


def test_files_that_others_may_read_are_found(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    for name, mode in (("secrets.env", 0o640), ("settings.env", 0o600), ("a", 0o644)):
        (tmp_path / name).touch(mode)
        (tmp_path / name).chmod(mode)
    home = Home(tmp_path)
    assert list(home_files.readable(home)) == [tmp_path / "secrets.env"]
    tmp_path.chmod(0o750)
    assert next(home_files.readable(home)) == tmp_path
    assert list(home_files.foreign(home)) == []


def test_records_that_cannot_be_read_are_found_and_stay(tmp_path: Path) -> None:
    for name, text in (("echo-1", '{"name":'), ("echo-2", "{}"), ("echo-3", "[]")):
        (tmp_path / "instances" / name).mkdir(parents=True)
        (tmp_path / "instances" / name / "instance.json").write_text(text)
    (tmp_path / "instances" / "echo-4" / "instance.json").mkdir(parents=True)
    torn = list(home_files.torn_records(Home(tmp_path)))
    assert [file.parent.name for file in torn] == ["echo-1", "echo-3", "echo-4"]
    assert all(file.exists() for file in torn)


@pytest.mark.parametrize(
    ("figures", "share"),
    [
        (f"# HELP x y\n{watched.SIZE} 1.5e+09\n{watched.QUOTA} 2e+09\n", 0.75),
        (f"{watched.SIZE} 20480\n", 0.0),
        (f"{watched.SIZE} 20480\n{watched.QUOTA} 0\n", 0.0),
        (f"{watched.SIZE} NaNs\n{watched.QUOTA} 1\n", 0.0),
        ("", 0.0),
    ],
)
def test_what_etcd_tells_of_its_database_is_read(figures: str, share: float) -> None:
    assert watched.database_share(figures) == share
