"""mfup: what it sets up, and what it refuses."""

import os
import shlex
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from daemons import free_port
from platforms import Platform

from mfplatform.commands.boot import SYSTEMD
from mfplatform.commands.boot_unit import Boot, unit

pytest_plugins = ["platform_fixtures"]

PARTS = {"etcd", "registry", "mariadb", "redis", "logs", "haproxy", "renderer"}


def test_mfup_ends_with_the_url_of_a_system_that_works(fresh: Platform) -> None:
    result = fresh.mf("mfup")
    assert result.stdout == f"http://127.0.0.1:{fresh.port}/\n", result.stderr
    assert fresh.get("/api/echo")[1]["instance"] == "echo-1"
    status = fresh.status()
    assert {one["name"]: one["state"] for one in status["parts"]} == dict.fromkeys(
        PARTS, "running"
    )


def test_an_empty_platform_has_no_service_but_those_that_ran(fresh: Platform) -> None:
    result = fresh.mf("mfup", "--empty")
    assert result.stdout == f"http://127.0.0.1:{fresh.port}/\n", result.stderr
    assert fresh.status()["instances"] == []
    fresh.done("mfbuild", "echo")
    name = fresh.done("mfrun", "echo")
    fresh.done("mfdown")
    fresh.done("mfup", "--empty")
    assert [one["instance"] for one in fresh.status()["instances"]] == [name]
    assert fresh.works()


def test_mfup_again_changes_nothing(platform: Platform) -> None:
    before = platform.lasting_status(), platform.settings
    result = platform.mf("mfup")
    assert (platform.lasting_status(), platform.settings) == before
    assert "Starting" not in result.stderr


def test_mfup_needs_no_network_when_all_is_there(platform: Platform) -> None:
    nowhere = "http://127.0.0.1:1"
    offline = {
        "PIP_NO_INDEX": "1",
        "UV_OFFLINE": "1",
        "http_proxy": nowhere,
        "https_proxy": nowhere,
    }
    platform.done("mfdown")
    platform.done("mfup", **offline)
    assert platform.works()


def test_a_taken_port_is_reported_with_who_has_it(fresh: Platform) -> None:
    with socket.create_server(("127.0.0.1", fresh.port)):
        result = fresh.mf("mfup")
    assert result.returncode == 1
    message = f"port {fresh.port} is taken by"
    assert message in result.stderr and f"process {os.getpid()}" in result.stderr
    assert f"MF_PORT={fresh.port + 1} mfup" in result.stderr


@pytest.mark.parametrize("port", ["0", "70000", "http", "-1", "80 80"])
def test_a_port_that_is_none_is_refused(fresh: Platform, port: str) -> None:
    result = fresh.mf("mfup", MF_PORT=port)
    assert (result.returncode, result.stdout) == (2, "")
    assert "MF_PORT must be a port number" in result.stderr


def test_only_one_runtime_can_be_asked_for(fresh: Platform) -> None:
    result = fresh.mf("mfup", "--docker", "--process")
    assert (result.returncode, result.stdout) == (2, "")
    assert "--docker or --process?" in result.stderr


@pytest.mark.parametrize("command", ["mfup", "mfdown", "mfstatus"])
def test_unknown_arguments_are_refused(fresh: Platform, command: str) -> None:
    result = fresh.mf(command, "--nonsense")
    assert result.returncode == 2
    assert f"Usage: {command}" in result.stderr


def test_missing_packages_are_named_with_the_way_out(
    fresh: Platform, tmp_path: Path
) -> None:
    hidden = {"etcd", "redis-server", "apt-get", "sudo"}
    for program in (p for f in ("/usr/bin", "/bin") for p in Path(f).iterdir()):
        if program.name not in hidden and not (tmp_path / program.name).exists():
            (tmp_path / program.name).symlink_to(program)
    result = fresh.mf("mfup", PATH=str(tmp_path))
    assert result.returncode == 1
    assert "etcd-server redis-server" in result.stderr
    assert "sudo apt-get install" in result.stderr


def test_two_mfup_at_once_do_not_collide(fresh: Platform) -> None:
    with ThreadPoolExecutor() as pool:
        results = list(pool.map(lambda _: fresh.mf("mfup"), range(2)))
    assert [one.returncode for one in results] == [0, 0], results
    assert len(fresh.status()["instances"]) == 1


def test_two_platforms_live_side_by_side(platform: Platform, fresh: Platform) -> None:
    fresh.done("mfup")
    assert platform.works() and fresh.works()
    fresh.done("mfdown")
    assert platform.works()


def test_port_and_address_can_be_changed_later(fresh: Platform) -> None:
    fresh.done("mfup")
    fresh.port = free_port()
    assert fresh.done("mfup", MF_BIND="127.0.0.2") == f"http://127.0.0.2:{fresh.port}/"
    assert fresh.get("/api/echo", host="127.0.0.2")[0] == 200
    fresh.done("mfdown")
    recorded = fresh.mf("mfup", MF_PORT="").stdout
    assert recorded == f"http://127.0.0.2:{fresh.port}/\n"


@pytest.mark.parametrize("address", ["localhost", "1.2.3", "::1", "-f"])
def test_an_address_that_is_none_is_refused(fresh: Platform, address: str) -> None:
    result = fresh.mf("mfup", MF_BIND=address)
    assert (result.returncode, result.stdout) == (2, "")
    assert "MF_BIND must be an IPv4 address" in result.stderr


def test_an_address_of_another_machine_is_refused(fresh: Platform) -> None:
    result = fresh.mf("mfup", MF_BIND="192.0.2.1", MF_INSECURE="yes")
    assert result.returncode == 1
    assert "no address of this machine" in result.stderr


def test_what_systemd_does_stops_it_and_brings_it_up(platform: Platform) -> None:
    admin = platform.folder / "microflack_admin"
    lines = unit(Boot(platform.home, admin, is_system=True)).splitlines()
    said = dict(line.split("=", 1) for line in lines if "=" in line)
    # As it stands there, and nothing of this shell.
    own = dict(one.split("=", 1) for one in shlex.split(said["Environment"]))
    before = platform.working_instances()
    for command, works in (
        ("ExecStart", True),
        ("ExecStop", False),
        ("ExecStart", True),
    ):
        done = subprocess.run(
            shlex.split(said[command]),
            env=own,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert platform.working_instances() == (before if works else [])


@pytest.mark.skipif(SYSTEMD.is_dir(), reason="systemd runs this machine")
def test_without_systemd_nothing_is_done_at_boot(platform: Platform) -> None:
    before = platform.lasting_status()
    result = platform.mf("mfup", "--boot")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("mfup: there is no systemd here")
    assert len(result.stderr.splitlines()) == 1
    assert platform.lasting_status() == before
