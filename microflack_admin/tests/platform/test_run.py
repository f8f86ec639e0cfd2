"""mfrun, and how mfrun and mfkill are called."""

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from platforms import Platform

from mfplatform.state import instance_numbers
from mfplatform.state.home import Home

pytest_plugins = ["platform_fixtures"]


def names(platform: Platform) -> list[str]:
    return [one["instance"] for one in platform.status()["instances"]]


def test_an_instance_is_routed_when_mfrun_prints_its_name(platform: Platform) -> None:
    name = platform.done("mfrun", "echo")
    answers = {platform.get("/api/echo")[1]["instance"] for _ in range(4)}
    assert name in answers and len(answers) == 2


def test_ten_mfrun_at_once_give_ten_instances(platform: Platform) -> None:
    before = names(platform)
    with ThreadPoolExecutor(10) as pool:
        new = list(pool.map(lambda _: platform.done("mfrun", "echo"), range(10)))
    assert len(set(new)) == 10
    rows = platform.status()["instances"]
    assert sorted(row["instance"] for row in rows) == sorted(before + new)
    assert len({row["address"] for row in rows}) == len(rows)
    answers = {platform.get("/api/echo")[1]["instance"] for _ in range(22)}
    assert answers == set(before + new)


def test_a_name_is_never_used_again(platform: Platform) -> None:
    name = platform.done("mfrun", "echo")
    platform.done("mfkill", name)
    assert platform.done("mfrun", "echo") != name


@pytest.mark.parametrize("torn", ["", "x", "\0\0", "\ud7ff"])
def test_a_torn_count_gives_no_name_twice(tmp_path: Path, torn: str) -> None:
    home = Home(tmp_path)
    for name in ("logs/echo-3.log", "logs/echo-12.log.1", "instances/echo-5/env"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert instance_numbers.take(home, "echo") == 1
    (home.instances / ".numbers" / "echo").write_text(torn)
    assert instance_numbers.take(home, "echo") == 13
    assert instance_numbers.take(home, "echo") == 14


def test_an_instance_gets_the_contracts_environment_and_no_more(
    platform: Platform,
) -> None:
    (name,) = names(platform)
    env = (platform.home / "instances" / name / "env").read_text()
    given = {line.split("=", 1)[0] for line in env.splitlines()}
    contract = "LB LB_ALGORITHM ETCD REDIS SECRET_KEY JWT_SECRET_KEY DATABASE_URL"
    contract += " SERVICE_NAME SERVICE_URL SERVICE_ADDRESS SERVICE_VERSION"
    contract += " SERVICE_LOCATIONS INSTANCE_NAME HOST_IP_ADDRESS ACCESS MF_LIMITS"
    system = "PATH HOME LANG PYTHONDONTWRITEBYTECODE MALLOC_ARENA_MAX"
    # It does not declare what it needs, as releases from before that could be said.
    system += " PYTHONPATH"
    assert given == set(f"{contract} {system}".split())


def test_settings_after_the_dashes_are_for_this_instance_alone(
    platform: Platform,
) -> None:
    name = platform.done("mfrun", "echo", "1", "--", "GREETING=good day")
    told = [platform.get("/api/echo")[1] for _ in range(6)]
    greetings = {one["instance"]: one["greeting"] for one in told}
    assert greetings.pop(name) == "good day"
    assert set(greetings.values()) <= {None}


def test_an_instance_that_fails_leaves_nothing_but_its_last_words(
    platform: Platform,
) -> None:
    before = names(platform)
    result = platform.mf("mfrun", "echo", "--", "ECHO_FAILS=yes")
    assert (result.returncode, result.stdout) == (1, "")
    assert "stopped right after its start" in result.stderr
    assert "echo fails as it was told" in result.stderr
    assert names(platform) == before


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        (["mfrun"], "which service?"),
        (["mfrun", "nonsense"], "Known services: echo"),
        (["mfrun", "../echo"], "Known services: echo"),
        (["mfrun", "echo", "1", "2"], "too much: 2"),
        (["mfrun", "echo", "../1"], "is no tag"),
        (["mfrun", "echo", "--", "nonsense"], "settings KEY=VALUE"),
        (["mfrun", "echo", "--", "A=b\nSECRET_KEY=c"], "settings KEY=VALUE"),
        (["mfkill"], "what is to be stopped?"),
        (["mfkill", "nonsense"], "Known: all echo echo-"),
        (["mfkill", "../echo"], "Known: all echo echo-"),
        (["mfkill", "echo", "all"], "one at a time"),
    ],
)
def test_a_wrong_call_is_refused_with_the_right_one(
    platform: Platform, command: list[str], problem: str
) -> None:
    result = platform.mf(*command)
    assert (result.returncode, result.stdout) == (2, "")
    assert problem in result.stderr
    assert f"Usage: {command[0]} " in result.stderr


@pytest.mark.parametrize("command", [("mfrun", "echo"), ("mfkill", "echo")])
def test_without_a_platform_they_say_how_to_start_one(
    fresh: Platform, command: tuple[str, str]
) -> None:
    result = fresh.mf(*command)
    assert result.returncode == 1
    assert "Start one with: mfup" in result.stderr


def test_an_image_that_was_never_built_is_named(platform: Platform) -> None:
    result = platform.mf("mfrun", "echo", "7")
    assert result.returncode == 1
    assert "mfbuild echo@7" in result.stderr


@pytest.mark.parametrize("command", ["mfup", "mfdown", "mfstatus", "mfrun", "mfkill"])
def test_help_explains_each_command(fresh: Platform, command: str) -> None:
    shown = fresh.done(command, "--help")
    assert shown.startswith("Summary: ") and f"Usage: {command}" in shown


def test_a_port_taken_meanwhile_is_exchanged_for_another(platform: Platform) -> None:
    (row,) = platform.status()["instances"]
    port = int(row["address"].split(":")[1])
    platform.done("mfdown")
    with socket.create_server(("127.0.0.1", port)):
        platform.done("mfup")
        (moved,) = platform.status()["instances"]
        assert moved["instance"] == row["instance"]
        assert moved["address"] != row["address"]
        assert platform.works()
