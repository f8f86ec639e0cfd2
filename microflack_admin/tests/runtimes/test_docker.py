"""What holds of containers and images alone."""

import json
import os
import shutil
import socket
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from daemons import wait_for
from engines import Engine
from platforms import ADMIN, Platform

from mfplatform.runtime.docker.engine import explain


def inspect(engine: Engine, platform: Platform, name: str = "") -> list[dict[str, Any]]:
    """Return what the engine knows of a platform's containers, or of one."""
    mark = f"label=microflack.home={platform.home}"
    ids = engine.docker("ps", "--all", "--quiet", "--filter", mark).split()
    found = json.loads(engine.docker("inspect", *ids)) if ids else []
    return [one for one in found if one["Name"].endswith(name)]


def instances(engine: Engine, platform: Platform) -> list[dict[str, Any]]:
    """Return what the engine knows of the instances."""
    found = inspect(engine, platform)
    return [one for one in found if one["Config"]["Labels"]["app"] == "microflack"]


def test_containers_of_instances_can_be_found_and_come_back(
    engine: Engine, containers: Platform
) -> None:
    for one in instances(engine, containers):
        assert one["Config"]["Labels"]["service"] == "echo"
        assert one["HostConfig"]["RestartPolicy"]["Name"] == "always"
        assert one["Config"]["Healthcheck"]["Test"][0] == "CMD"


def test_instances_have_neither_the_engines_socket_nor_rights(
    engine: Engine, containers: Platform
) -> None:
    found = instances(engine, containers)
    assert found
    for one in found:
        assert not any(mount["RW"] for mount in one["Mounts"])
        assert not any("sock" in mount["Source"] for mount in one["Mounts"])
        assert one["HostConfig"]["CapDrop"] == ["ALL"]
        assert not one["HostConfig"]["Privileged"]
        shown = engine.docker("exec", one["Id"], "id", "--user")
        assert int(shown) > 0


def test_containers_have_limits_and_cannot_change_their_image(
    engine: Engine, containers: Platform
) -> None:
    for one in inspect(engine, containers):
        limits = one["HostConfig"]
        assert limits["CapDrop"] == ["ALL"]
        assert limits["ReadonlyRootfs"]
        assert limits["PidsLimit"] == 512
        assert limits["Memory"] >= 512 * 2**20


def test_whoever_asks_the_engine_sees_no_secret(
    engine: Engine, containers: Platform
) -> None:
    kept = (containers.home / "secrets.env").read_text()
    kept += (containers.home / "secrets" / "echo.env").read_text()
    values = [line.partition("=")[2] for line in kept.splitlines()]
    secrets = [value for value in values if len(value) >= 40]
    assert len(secrets) > 5
    shown = json.dumps(inspect(engine, containers))
    assert not [value for value in secrets if value in shown]


def test_an_image_is_small_and_holds_nothing_that_builds(
    engine: Engine, containers: Platform
) -> None:
    size = engine.docker("image", "inspect", "-f", "{{.Size}}", "microflack_echo")
    assert int(size) < 200_000_000
    look = "! type gcc cc make pip; ls -A /srv/app"
    listed = engine.docker("run", "--rm", "microflack_echo", "bash", "-c", look)
    assert set(listed.split()) >= {"boot.sh", "echo.py", "service.env"}
    assert not set(listed.split()) & {"Dockerfile", "build.sh", ".env", ".git"}


def test_what_an_image_holds_is_written_down(containers: Platform) -> None:
    built = list((containers.home / "images" / "echo").glob("*/sbom.cdx.json"))
    told = json.loads(built[0].read_text())
    assert told["metadata"]["component"]["name"] == "echo"
    names = {one["purl"].split("@")[0] for one in told["components"]}
    assert names >= {"pkg:deb/debian/base-files", "pkg:deb/debian/python3"}


def test_sigterm_reaches_the_server(engine: Engine, containers: Platform) -> None:
    name = containers.done("mfrun", "echo")
    (one,) = inspect(engine, containers, f"-{name}")
    engine.docker("stop", "--time", "30", one["Id"])
    (one,) = inspect(engine, containers, f"-{name}")
    assert one["State"]["ExitCode"] == 0
    containers.done("mfkill", name)


def test_the_folders_own_recipe_builds_it(
    engine: Engine, containers: Platform, tmp_path: Path
) -> None:
    folder = tmp_path / "microflack_alone"
    shutil.copytree(containers.folder / "microflack_echo", folder)
    recipe = ADMIN / "mfplatform" / "runtime" / "docker" / "image"
    shutil.copy(recipe / "Dockerfile", folder)
    shutil.copy(recipe / "build.sh", folder)
    shutil.copy(recipe / "dockerignore", folder / ".dockerignore")
    (folder / ".env").write_text("SECRET_KEY=private\n")
    (folder / "VERSION").write_text("9\n")
    done = containers.run(folder / "build.sh")
    assert done.stdout.split() == ["microflack_alone:9", "microflack_alone:latest"]
    look = "id --user --name; ls -A"
    shown = engine.docker("run", "--rm", "microflack_alone", "bash", "-c", look)
    user, *files = shown.split()
    assert user == "service" and ".env" not in files


def logs(platform: Platform, **options: Any) -> requests.Response:
    lines = (platform.home / "secrets.env").read_text().splitlines()
    secrets = dict(line.split("=", 1) for line in lines)
    url = f"http://127.0.0.1:{platform.settings['OPERATOR_PORT']}/logs"
    options.setdefault("auth", ("admin", secrets["STATS_PASSWORD"]))
    return requests.get(url, timeout=30, **options)


def test_the_logs_are_served_to_whoever_has_the_password(containers: Platform) -> None:
    assert logs(containers, auth=None).status_code == 401
    assert logs(containers, auth=("admin", "wrong")).status_code == 401
    name = containers.done("mfrun", "echo")
    wanted = {"n": "1000", "follow": "0"}
    wait_for(lambda: f"{name} starts" in logs(containers, params=wanted).text)
    assert f"\n{name:<9} | " in logs(containers, params=wanted).text
    assert logs(containers, params={"n": "x"}).status_code == 400


def test_the_logs_are_one_stream_that_goes_on(containers: Platform) -> None:
    with logs(containers, params={"n": "0"}, stream=True) as stream:
        name = containers.done("mfrun", "echo")
        lines = stream.iter_lines(chunk_size=1, decode_unicode=True)
        assert next(line for line in lines if f"{name} starts" in line)


def test_no_line_is_lost_or_told_twice_when_the_collector_starts_anew(
    engine: Engine, containers: Platform
) -> None:
    def told(name: str) -> int:
        return containers.done("mflogs", name).count(f"{name} starts")

    (collector,) = inspect(engine, containers, "-logs")
    before = containers.done("mfrun", "echo")
    wait_for(lambda: told(before) == 1)
    engine.docker("stop", collector["Id"])
    meanwhile = containers.done("mfrun", "echo")
    engine.docker("start", collector["Id"])
    wait_for(lambda: (containers.home / "logs" / f"{meanwhile}.log").exists())
    wait_for(lambda: told(meanwhile) == 1)
    assert told(before) == 1


def test_two_platforms_share_an_engine(containers: Platform, another: Platform) -> None:
    another.done("mfup", "--docker")
    assert another.works() and containers.works()
    assert another.get("/api/echo")[0] == 200
    another.done("mfdown")
    assert containers.works()


def test_published_images_can_take_the_platforms_place(
    engine: Engine, containers: Platform, another: Platform
) -> None:
    images = {}
    places = {"DATABASE": "mariadb", "QUEUE": "redis", "REGISTRY": "etcd"}
    for place, part in places.items():
        (one,) = inspect(engine, containers, f"-{part}")
        images[f"MF_{place}_IMAGE"] = f"example.org/{part}:1"
        engine.docker("tag", one["Image"], f"example.org/{part}:1")
    another.done("mfup", "--docker", **images)
    assert another.works()
    used = {one["Config"]["Image"] for one in inspect(engine, another)}
    assert used >= set(images.values())


def test_without_an_engine_it_says_so(another: Platform) -> None:
    result = another.mf("mfup", "--docker", DOCKER_HOST="unix:///nowhere/docker.sock")
    assert (result.returncode, result.stdout) == (1, "")
    assert "no Docker engine answers. Start it: sudo systemctl" in result.stderr
    assert not (another.home / "settings.env").exists()


def test_without_the_command_it_says_so(another: Platform, tmp_path: Path) -> None:
    for folder in ("/usr/bin", "/bin"):
        for program in Path(folder).iterdir():
            link = tmp_path / program.name
            if program.name != "docker" and not link.is_symlink():
                link.symlink_to(program)
    result = another.mf("mfup", "--docker", PATH=str(tmp_path))
    assert result.returncode == 1
    assert "docker is not installed" in result.stderr
    assert "setup-host.sh" in result.stderr


def test_a_user_who_may_not_use_the_engine_is_told(
    engine: Engine, another: Platform
) -> None:
    # The folders are private; the socket is as on any machine.
    for folder in (engine.folder, another.folder):
        folder.chmod(0o755)
    code = "from mfplatform.runtime.docker import engine; engine.docker('ps')"
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    admin = str(another.folder / "microflack_admin")
    done = another.run(*nobody, "/usr/bin/python3", "-B", "-c", code, PYTHONPATH=admin)
    engine.folder.chmod(0o700)
    assert done.returncode == 1
    assert "this user may not use the Docker engine" in done.stderr


def test_a_taken_port_is_reported_and_nothing_started(
    engine: Engine, another: Platform
) -> None:
    with socket.create_server(("127.0.0.1", another.port)):
        result = another.mf("mfup", "--docker")
    assert result.returncode == 1
    assert f"port {another.port} is taken by" in result.stderr
    assert f"process {os.getpid()}" in result.stderr
    assert inspect(engine, another) == []


def test_an_image_that_cannot_be_had_is_reported_and_nothing_left(
    engine: Engine, another: Platform
) -> None:
    result = another.mf("mfup", "--docker", MF_QUEUE_IMAGE="localhost:1/no-such:1")
    assert result.returncode == 1
    assert "an image is not here and could not be pulled" in result.stderr
    assert "localhost:1" in result.stderr
    assert inspect(engine, another) == []


def test_a_part_that_dies_at_its_start_is_reported_and_nothing_left(
    engine: Engine, another: Platform
) -> None:
    (another.home / "etcd").mkdir()
    (another.home / "etcd" / "member").write_text("no folder")
    begun = time.monotonic()
    result = another.mf("mfup", "--docker")
    assert result.returncode == 1
    assert "etcd does not work. Its log ends:" in result.stderr
    assert "/var/lib/etcd/member" in result.stderr
    assert inspect(engine, another) == []
    assert time.monotonic() - begun < 60


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        (
            "docker: Error response from daemon: failed to copy files: write "
            "/var/lib/docker/overlay2/x: no space left on device.",
            "the disk is full",
        ),
        (
            "Got permission denied while trying to connect to the Docker daemon socket "
            "at unix:///var/run/docker.sock",
            "this user may not use the Docker engine",
        ),
        (
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. "
            "Is the docker daemon running?",
            "no Docker engine answers",
        ),
        (
            "Error response from daemon: pull access denied for x, repository does not "
            "exist",
            "an image is not here",
        ),
    ],
)
def test_what_the_engine_says_is_explained(said: str, meaning: str) -> None:
    assert explain(said).startswith(meaning)
    assert said.splitlines()[-1] in explain(said)
