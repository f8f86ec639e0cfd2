"""What comes back: after mfdown, after a crash, after a kill."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from daemons import wait_for
from platforms import Platform

pytest_plugins = ["platform_fixtures"]

PARTS = {"etcd", "registry", "mariadb", "redis", "logs", "haproxy", "renderer"}


def test_what_ran_comes_back_with_its_data_after_mfdown(platform: Platform) -> None:
    platform.done("mfrun", "echo", "--", "GREETING=back")
    names = [one["instance"] for one in platform.status()["instances"]]
    run_sql(platform, "CREATE TABLE IF NOT EXISTS echo.kept (id INT)")
    platform.done("mfdown")
    assert platform.processes() == []
    platform.done("mfup")
    assert [one["instance"] for one in platform.status()["instances"]] == names
    assert "kept" in run_sql(platform, "SHOW TABLES IN echo")
    answers = [platform.get("/api/echo")[1]["greeting"] for _ in range(4)]
    assert "back" in answers


def run_sql(platform: Platform, sql: str) -> str:
    client = platform.home / "mariadb" / "client.cnf"
    command = ["mariadb", f"--defaults-file={client}"]
    return subprocess.run(
        command, input=sql, capture_output=True, text=True, check=True
    ).stdout


def test_a_copy_of_its_folder_leaves_the_platform_alone(
    platform: Platform, tmp_path: Path
) -> None:
    for name in ("settings.env", "secrets.env"):
        shutil.copy(platform.home / name, tmp_path)
    (tmp_path / "tools").symlink_to(platform.home / "tools")
    (tmp_path / "locks").mkdir()
    processes = set(platform.processes())
    result = platform.mf("mfkill", "all", MF_HOME=str(tmp_path))
    assert "no platform is running" in result.stderr
    platform.done("mfdown", MF_HOME=str(tmp_path))
    assert processes <= set(platform.processes())


def test_what_ran_comes_back_after_a_power_failure(platform: Platform) -> None:
    names = [one["instance"] for one in platform.status()["instances"]]
    platform.crash()
    shutil.rmtree(platform.settings["MF_RUN"])
    platform.done("mfup")
    assert [one["instance"] for one in platform.status()["instances"]] == names
    assert platform.works()


def test_mfup_takes_over_from_a_supervisor_that_was_killed(platform: Platform) -> None:
    supervisor = platform.home / "supervisor" / "supervisord.pid"
    os.kill(int(supervisor.read_text()), signal.SIGKILL)
    assert platform.mf("mfstatus").returncode == 1
    platform.done("mfup")
    assert platform.works()
    ports = subprocess.run(["ps", "ax"], capture_output=True, text=True).stdout
    assert ports.count(f"redis-server 127.0.0.1:{platform.settings['REDIS_PORT']}") <= 1


def test_mfdown_takes_a_killed_supervisors_processes_along(platform: Platform) -> None:
    supervisor = platform.home / "supervisor" / "supervisord.pid"
    os.kill(int(supervisor.read_text()), signal.SIGKILL)
    platform.done("mfdown")
    assert platform.processes() == []


@pytest.mark.parametrize("name", [*sorted(PARTS), "instance"])
def test_what_is_killed_is_back_every_time(platform: Platform, name: str) -> None:
    if name == "instance":
        name = platform.status()["instances"][0]["instance"]
    for _ in range(2):
        kill_and_wait(platform, name)
    assert platform.get("/api/echo")[0] == 200


def kill_and_wait(platform: Platform, name: str) -> None:
    killed = platform.pid(name)
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: platform.works() and platform.pid(name) != killed)


def test_mfdown_twice_is_harmless(fresh: Platform) -> None:
    assert "No platform is running" in fresh.mf("mfdown").stderr
    fresh.done("mfup")
    fresh.done("mfdown")
    fresh.done("mfdown")


def test_an_interrupted_first_start_is_completed_by_the_next(fresh: Platform) -> None:
    process = subprocess.Popen(
        [fresh.folder / "microflack_admin" / "bin" / "mfup"],
        env=fresh.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    wait_for((fresh.home / "mariadb" / "data").exists)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    fresh.done("mfup")
    assert fresh.works()
