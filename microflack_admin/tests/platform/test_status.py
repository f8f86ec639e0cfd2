"""What a person sees of a running platform, and what nobody sees."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from platforms import Platform

from mfplatform.monolith import process
from mfplatform.runtime import base
from mfplatform.state import restoring
from mfplatform.state.home import Home, PlatformError
from microflack_common.registry import Registry

pytest_plugins = ["platform_fixtures"]


def test_secrets_are_private_and_on_no_command_line(platform: Platform) -> None:
    home = platform.home
    files = [home / "secrets.env", home / "settings.env", home / "secrets/echo.env"]
    files += home.glob("instances/*/env")
    assert {oct(file.stat().st_mode & 0o777) for file in files} == {"0o600"}
    lines = (home / "secrets.env").read_text() + files[2].read_text()
    secrets = [line.split("=", 1)[1].encode() for line in lines.splitlines()]
    for pid in platform.processes():
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        assert not any(secret in command for secret in secrets)


def test_everything_listens_on_the_loopback_address_only(platform: Platform) -> None:
    shown = subprocess.run(["ss", "-ltn"], capture_output=True, text=True).stdout
    names = ("MF_PORT", "ETCD_PORT", "MYSQL_PORT", "REDIS_PORT")
    for port in (platform.settings[name] for name in names):
        rows = [row.split()[3] for row in shown.splitlines() if f":{port} " in row]
        assert rows == [f"127.0.0.1:{port}"]


def test_mfstatus_is_a_table_that_a_stranger_can_read(platform: Platform) -> None:
    text = platform.done("mfstatus")
    instance = platform.status()["instances"][0]
    assert f"http://127.0.0.1:{platform.port}/" in text
    assert "SERVICE  INSTANCE" in text and instance["address"] in text
    assert abs(time.time() - instance["since"]) < 600


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_mfvars_gives_a_shell_what_it_needs(platform: Platform, shell: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    script = "source microflack_admin/mfvars; source microflack_admin/mfvars; mfstatus"
    script += '; echo "$ETCD|$LB|$REDIS|$MF_SERVICES|$PATH"'
    shown = subprocess.run(
        [shell, "-c", script],
        cwd=platform.folder,
        env=platform.environment(),
        capture_output=True,
        text=True,
    )
    assert "MicroFlack at" in shown.stdout, shown.stderr
    etcd, lb, redis, services, path = shown.stdout.splitlines()[-1].split("|")
    assert etcd == platform.registry
    assert lb == f"http://127.0.0.1:{platform.port}"
    assert redis.startswith("root:")
    assert redis.endswith(f"@127.0.0.1:{platform.settings['REDIS_PORT']}")
    assert services == "echo"
    assert path.count(f"{platform.folder}/microflack_admin/bin") == 1


@contextmanager
def registered(platform: Platform, key: str, value: str) -> Iterator[None]:
    registry = Registry(platform.registry)
    registry.put(f"/services/{key}", value)
    try:
        yield
    finally:
        registry.delete(f"/services/{key}")


def test_mfstatus_shows_what_others_have_registered(platform: Platform) -> None:
    with registered(platform, "monolith/upstream/server", "127.0.0.1:1"):
        rows = platform.status()["instances"]
        (found,) = [row for row in rows if row["service"] == "monolith"]
        assert found["instance"] == "server"
        assert found["address"] == "127.0.0.1:1"
        assert (found["health"], found["pid"]) == ("no answer", None)


def findings(platform: Platform) -> tuple[bool, dict[str, str]]:
    """Return what mfdoctor says: whether anything runs, and what is wrong."""
    done = platform.mf("mfdoctor", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == bool(told["findings"]), done.stderr
    return told["running"], {one["check"]: one["mend"] for one in told["findings"]}


# What a machine of tests may lack, whatever the platform does.
OF_THE_MACHINE = {"disk", "memory"}


def test_mfdoctor_finds_what_is_wrong_and_what_mends_it(platform: Platform) -> None:
    running, found = findings(platform)
    assert running and found.keys() - OF_THE_MACHINE == {"limits"}
    (platform.home / "secrets.env").chmod(0o644)
    version = platform.folder / "microflack_echo" / "VERSION"
    served = version.read_text()
    version.write_text("99\n")
    try:
        _, found = findings(platform)
    finally:
        version.write_text(served)
    assert found["releases"] == "mfbuild echo && mfupgrade roll echo"
    assert "secrets.env" in found["modes"]
    assert platform.run("bash", "-c", found["modes"]).returncode == 0
    assert "modes" not in findings(platform)[1]
    assert found["limits"] in platform.mf("mfdoctor").stdout


def test_without_a_platform_mfstatus_says_so_and_mfdoctor_looks(
    fresh: Platform,
) -> None:
    result = fresh.mf("mfstatus", "--json")
    assert (result.returncode, result.stdout) == (1, '{"running": false}\n')
    assert "mfup" in result.stderr
    running, found = findings(fresh)
    assert not running and found.keys() <= OF_THE_MACHINE
    # What a crash leaves: it is told, and nothing is changed.
    torn = fresh.home / "settings.env"
    torn.write_text("MF_PORT=80")
    torn.chmod(0o600)
    before = {path: path.lstat().st_mtime_ns for path in fresh.home.rglob("*")}
    running, found = findings(fresh)
    after = {path: path.lstat().st_mtime_ns for path in fresh.home.rglob("*")}
    torn.unlink()
    assert not running and found.keys() - OF_THE_MACHINE == {"damage"}
    assert after == before


def test_mfdoctor_tells_of_settings_that_it_may_not_read(fresh: Platform) -> None:
    settings = fresh.home / "settings.env"
    settings.write_text("MF_PORT=80\n")
    settings.chmod(0)
    command = [fresh.folder / "microflack_admin" / "bin" / "mfdoctor", "--json"]
    if not os.geteuid():
        # Root without its power over files.
        lost = "--bounding-set=-dac_override,-dac_read_search"
        command = ["setpriv", lost, *command]
    done = subprocess.run(
        command, env=fresh.environment(), capture_output=True, text=True
    )
    settings.unlink()
    found = {one["check"]: one for one in json.loads(done.stdout)["findings"]}
    assert found.keys() - OF_THE_MACHINE == {"unreadable"}, done.stderr
    assert str(settings) in found["unreadable"]["what"]


def test_where_a_restore_has_not_ended_mfdoctor_looks_and_nothing_starts(
    fresh: Platform,
) -> None:
    mark = fresh.home / "restoring"
    mark.touch(mode=0o600)
    running, found = findings(fresh)
    commands = ("mfup",), ("mfscale", "echo", "2"), ("mfstatus",)
    refused = [fresh.mf(*command) for command in commands]
    mark.unlink()
    assert not running and found.keys() <= OF_THE_MACHINE
    for one in refused:
        assert one.returncode == 1 and "mfrestore FILE" in one.stderr


def test_what_needs_all_that_a_restore_brings_tells_how_it_is_ended(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)
    restoring.mark(home).touch()
    for need in (base.running, process.check_running):
        with pytest.raises(PlatformError, match="Begin it again: mfrestore FILE"):
            need(home)
