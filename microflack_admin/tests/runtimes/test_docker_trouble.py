"""Containers that die again and again, an engine that is away, images that are old."""

import json
import time
from collections.abc import Iterator

import pytest
import requests
from daemons import wait_for
from engines import Engine
from platforms import Platform

from mfplatform.runtime.docker import deaths

DIES = 'print("last words", flush=True); os._exit(3)'


def state(**changes: object) -> dict[str, object]:
    """Return what the engine says of a container that has been started again."""
    found = {
        "Status": "restarting",
        "Pid": 0,
        "ExitCode": 3,
        "OOMKilled": False,
        "Error": "",
        "StartedAt": "2026-11-30T10:00:00.123456789Z",
        "FinishedAt": "2026-11-30T10:00:04.123456789Z",
    }
    return {"RestartCount": 4, "State": found | changes}


def test_short_lives_are_counted_and_the_last_end_is_told() -> None:
    assert deaths.of(state()) == {"short_lives": 4, "last_end": "exit status 3"}
    assert deaths.of(state(OOMKilled=True))["last_end"] == "out of memory"
    assert deaths.of(state(Error="no such file"))["last_end"] == "no such file"


def test_a_long_life_begins_the_count_anew() -> None:
    long = state(FinishedAt="2026-11-30T10:00:10.2Z")
    assert deaths.of(long) == {"short_lives": 0}
    begun = deaths.seconds("2026-11-30T10:00:00Z")
    lives = state(Status="running", Pid=7, ExitCode=0)
    assert deaths.of(lives, begun + 3)["last_end"] == deaths.UNKNOWN
    assert deaths.of(lives, begun + 10) == {"short_lives": 0}


def test_what_never_died_is_no_trouble() -> None:
    assert deaths.of(state() | {"RestartCount": 0}) == {"short_lives": 0}


@pytest.fixture
def releases(containers: Platform) -> Iterator[Platform]:
    """Return the platform; its service is as it was at the end."""
    folder = containers.folder / "microflack_echo"
    kept = {path: path.read_text() for path in (folder / "echo.py", folder / "VERSION")}
    containers.have_one_instance()
    yield containers
    for path, text in kept.items():
        path.write_text(text)
    (folder / "defect").unlink(missing_ok=True)
    containers.have_one_instance()


def build(platform: Platform, version: str) -> str:
    """Build a release; return what was said meanwhile."""
    (platform.folder / "microflack_echo" / "VERSION").write_text(f"{version}\n")
    result = platform.mf("mfbuild", "echo")
    assert result.returncode == 0, result.stderr
    return result.stderr


def test_what_dies_again_and_again_is_seen(releases: Platform) -> None:
    source = releases.folder / "microflack_echo" / "echo.py"
    source.write_text(source.read_text().replace("os._exit(3)", DIES))
    (source.parent / "defect").write_text("dies")
    build(releases, "31")
    name = releases.done("mfrun", "echo", "latest")

    def row() -> dict[str, str]:
        rows = releases.status()["instances"]
        return next(one for one in rows if one["instance"] == name)

    address = row()["address"]

    def is_told() -> bool:
        # Whenever it lives again it is told to die.
        begin = time.monotonic()
        while time.monotonic() < begin + 2:
            try:
                requests.get(f"http://{address}/?die=1", timeout=2)
            except requests.RequestException:
                time.sleep(0.05)
        return row()["health"] == "crash-looping, last: exit status 3"

    wait_for(is_told, 120)
    wait_for(lambda: "last words" in releases.done("mflogs", name), 60)
    wait_for(lambda: row()["health"] == "ready", 180)
    releases.done("mfkill", name)


def test_what_serves_though_no_engine_answers_is_told(containers: Platform) -> None:
    containers.have_one_instance()
    (name,) = (one["instance"] for one in containers.status()["instances"])
    shown = containers.mf("mfstatus", DOCKER_HOST=f"unix://{containers.folder}/none")
    assert (shown.returncode, shown.stdout) == (1, "")
    assert "no Docker engine answers" in shown.stderr
    told = shown.stderr.partition("What it ran serves on")[2]
    assert name in told and "mariadb" in told and "haproxy" in told


def tags(platform: Platform) -> set[str]:
    shown = json.loads(platform.done("mfbuild", "--list", "--json", "echo"))
    return {tag for one in shown["images"] for tag in one["tags"]}


def test_old_images_go_and_what_runs_stays(releases: Platform, engine: Engine) -> None:
    (running,) = releases.status()["instances"]
    mark = f"label=microflack.home={releases.home}"
    ids = engine.docker("ps", "--quiet", "--filter", mark).split()
    images = engine.docker("inspect", "--format", "{{.Image}}", *ids).split()
    said = [build(releases, str(number)) for number in range(41, 48)]
    assert "old images removed" in said[6]
    found = tags(releases)
    # The tag of what runs may have gone on to what another platform has built.
    assert {"43", "44", "45", "46", "47", "latest"} <= found
    assert not {"41", "42"} & found
    assert not engine.call("image", "inspect", *images).returncode
    assert [one["instance"] for one in releases.status()["instances"]] == [
        running["instance"]
    ]
    assert not engine.call("image", "inspect", "microflack_echo:43").returncode
    assert engine.call("image", "inspect", "microflack_echo:41").returncode
    told = json.loads(releases.done("mfprune", "--json"))
    assert told["images_stay"] is None and not told["removed"]
    disk = releases.status()["disk"]
    assert disk["images"] is None or disk["images"] > 1_000_000
    releases.done("mfbuild", "echo")
