"""mfenv, mfdev and etcd-dump: what a developer needs."""

import subprocess
from collections.abc import Callable

import pytest
import requests
from backend import Backend
from daemons import wait_for
from platforms import Platform

pytest_plugins = ["platform_fixtures"]
WRONG = [
    ("mfdev", ()),
    ("mfdev", ("begin", "echo")),
    ("mfdev", ("start",)),
    ("mfdev", ("start", "nix")),
    ("mfdev", ("start", "../x")),
    ("mfdev", ("start", "echo", "0")),
    ("mfdev", ("start", "echo", "65536")),
    ("mfdev", ("start", "echo", "08x")),
    ("mfdev", ("start", "echo", "5000", "no path")),
    ("mfdev", ("stop",)),
    ("mfdev", ("stop", "echo", "5000")),
    ("mfenv", ("nix",)),
    ("mfenv", ("echo", "echo")),
    ("etcd-dump", ("/a", "/b")),
    ("etcd-dump", ("--all",)),
]


def test_mfenv_prints_the_environment_of_a_service(platform: Platform) -> None:
    lines = platform.done("mfenv", "echo").split("\n")
    env = dict(line.split("=", 1) for line in lines)
    assert env["LB"] == f"http://127.0.0.1:{platform.settings['SERVICES_PORT']}"
    for name, port in (("ETCD", "ETCD_PORT"), ("REDIS", "REDIS_PORT")):
        own, _, address = env[name].removeprefix("http://").partition("@")
        assert address == f"127.0.0.1:{platform.settings[port]}"
        assert own.startswith("echo-older:")
    assert (env["SERVICE_NAME"], env["SERVICE_URL"]) == ("echo", "/api/echo")
    assert env["LB_ALGORITHM"] == "roundrobin"
    assert env["DATABASE_URL"].startswith("mysql+pymysql://echo:")
    assert env["SECRET_KEY"] and env["JWT_SECRET_KEY"]


def test_mfenv_without_a_service_prints_what_all_share(platform: Platform) -> None:
    said = platform.done("mfenv")
    assert "JWT_SECRET_KEY=" in said
    assert "DATABASE_URL=" not in said and "SERVICE_NAME=" not in said


def test_mfenv_shows_the_secrets_that_instances_have(platform: Platform) -> None:
    kept = (platform.home / "secrets.env").read_text().split("\n")
    shown = platform.done("mfenv").split("\n")
    assert {line for line in kept if "SECRET_KEY" in line} <= set(shown)


def get(platform: Platform, path: str) -> requests.Response:
    return requests.get(f"http://127.0.0.1:{platform.port}{path}", timeout=60)


def test_mfdev_sends_nearly_all_to_the_developers_server(
    platform: Platform, backend: Callable[..., Backend]
) -> None:
    own = backend("mine")
    port = own.address.rpartition(":")[2]
    said = platform.done("mfdev", "start", "echo", port)
    assert said.startswith(f"/api/echo goes to 127.0.0.1:{port}.")

    def mine() -> int:
        return [get(platform, "/api/echo").text for _ in range(20)].count("mine")

    wait_for(lambda: mine() > 17)
    platform.done("mfdev", "stop", "echo")
    wait_for(lambda: mine() == 0)
    assert "dev =" not in platform.done("etcd-dump")


def test_mfdev_gives_a_new_service_a_path(
    platform: Platform, backend: Callable[..., Backend]
) -> None:
    port = backend("mine").address.rpartition(":")[2]
    platform.done("mfdev", "start", "todo", port, "/api/todo")
    wait_for(lambda: get(platform, "/api/todo").text == "mine")
    assert "no instance" in platform.done("mfdev", "stop", "todo")
    wait_for(lambda: get(platform, "/api/todo").status_code == 404)
    assert "todo" not in platform.done("etcd-dump", "/services")


def test_mfdev_warns_when_nothing_answers_yet(platform: Platform) -> None:
    result = platform.mf("mfdev", "start", "later", "9", "/api/later")
    platform.done("mfdev", "stop", "later")
    assert result.returncode == 0
    assert "Nothing answers on port 9 yet" in result.stderr


def test_mfdev_stop_of_what_was_never_started_is_harmless(platform: Platform) -> None:
    assert "was not being developed" in platform.done("mfdev", "stop", "echo")


def test_etcd_dump_prints_the_registry_as_a_tree(platform: Platform) -> None:
    lines = platform.done("etcd-dump").split("\n")
    assert lines[0] == "/"
    assert any(line.strip() == "location = /api/echo" for line in lines)


@pytest.mark.parametrize(("command", "arguments"), WRONG)
def test_a_wrong_call_is_refused(
    fresh: Platform, command: str, arguments: tuple[str, ...]
) -> None:
    result = fresh.mf(command, *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert f"Usage: {command}" in result.stderr


@pytest.mark.parametrize(
    "command", [("mfdev", "start", "echo"), ("mfdev", "stop", "echo"), ("etcd-dump",)]
)
def test_without_a_platform_they_say_how_to_start_one(
    fresh: Platform, command: tuple[str, ...]
) -> None:
    result: subprocess.CompletedProcess[str] = fresh.mf(*command)
    assert result.returncode == 1
    assert "Start one with: mfup" in result.stderr
