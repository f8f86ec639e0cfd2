"""mfprune: what nobody needs goes, and nothing else."""

import json
import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from platforms import Platform

from mfplatform.commands.prune import superfluous
from mfplatform.runtime.process import storage
from mfplatform.runtime.storage import StoredImage
from mfplatform.state import disk, old_files
from mfplatform.state.home import Home

pytest_plugins = ["platform_fixtures"]
DAY = 86400


def image(version: str, built: float, *tags: str, service: str = "echo") -> StoredImage:
    return StoredImage(service, f"{version}-{built}", version, tags, built, 1000)


def gone(images: list[StoredImage], *needed: tuple[str, str]) -> list[str]:
    return [one.id for one in superfluous(images, needed)]


def test_the_releases_that_were_asked_for_last_stay() -> None:
    images = [image(str(number), number, str(number)) for number in range(1, 8)]
    assert gone(images) == ["2-2", "1-1"]
    # An old release that was built just now is not the first to go.
    images.append(image("0", 9, "0"))
    assert gone(images) == ["3-3", "2-2", "1-1"]


def test_services_are_counted_one_by_one() -> None:
    mine = [image(str(n), n, str(n)) for n in range(4)]
    others = [image(str(n), n, str(n), service="users") for n in range(4)]
    assert gone(mine + others) == []


def test_all_that_a_build_was_asked_for_stays() -> None:
    images = [image(str(number), number, str(number)) for number in range(1, 10)]
    kept = [one.id for one in superfluous(images, (), recent=2)]
    assert kept == ["1-1"]


def test_what_lost_its_tags_to_another_build_goes() -> None:
    assert gone([image("1", 1), image("1", 2, "1", "latest")]) == ["1-1"]


def test_what_is_needed_and_the_latest_stay() -> None:
    images = [image(str(number), number, str(number)) for number in range(2, 9)]
    images += [image("1", 1, "latest"), image("1", 0)]
    assert gone(images, ("echo", "2-2"), ("echo", "1-0")) == ["3-3"]
    assert gone(images, ("users", "2-2")) == ["3-3", "2-2", "1-0"]


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (9_950, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (5_000_000_000_000_000, "5000 TB"),
        (None, "unknown"),
    ],
)
def test_sizes_are_said_in_plain_units(count: int | None, text: str) -> None:
    assert disk.plain(count) == text


def test_a_disk_that_is_nearly_full_is_a_warning() -> None:
    usage = disk.Usage(1, 1, 1, free=10, used_share=0.9, measured=0)
    assert usage.warning is None
    full = disk.Usage(1, 1, 1, free=9, used_share=0.91, measured=0)
    assert full.warning is not None and "91% full" in full.warning


def test_old_logs_go_and_those_of_what_there_is_stay(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.logs.mkdir()
    names = "echo-1.log echo-1.log.1 mariadb.log mariadb.log.3 mariadb.log.4 audit.log"
    for name in (*names.split(), "echo-2.log", "notes.txt"):
        (home.logs / name).write_text("")
        if name != "echo-2.log":
            os.utime(home.logs / name, (time.time() - 31 * DAY,) * 2)
    found = [file.name for file in old_files.logs(home)]
    assert found == ["echo-1.log", "echo-1.log.1", "mariadb.log.4"]


@pytest.fixture
def releases(platform: Platform) -> Iterator[Platform]:
    """Return the running platform, with echo as it was at the end."""
    folder = platform.folder / "microflack_echo"
    kept = platform.folder / "kept"
    shutil.copytree(folder, kept)
    yield platform
    shutil.rmtree(folder)
    kept.rename(folder)


def build(platform: Platform, version: str) -> str:
    """Build a release; return what was said meanwhile."""
    (platform.folder / "microflack_echo" / "VERSION").write_text(f"{version}\n")
    result = platform.mf("mfbuild", "echo")
    assert result.returncode == 0, result.stderr
    return result.stderr


def tags(platform: Platform) -> dict[str, str]:
    """Return which image each tag is on."""
    shown = json.loads(platform.done("mfbuild", "--list", "--json", "echo"))
    return {tag: one["image"] for one in shown["images"] for tag in one["tags"]}


def prune(platform: Platform, *options: str) -> dict[str, Any]:
    return dict(json.loads(platform.done("mfprune", "--json", *options)))


def test_a_build_removes_what_is_too_old_and_nothing_that_is_needed(
    releases: Platform,
) -> None:
    first = tags(releases)["1"]
    said = [build(releases, str(number)) for number in range(2, 9)]
    assert not any("old images removed" in text for text in said[:5])
    assert "1 old images removed, " in said[6]
    found = tags(releases)
    # Release 1 is what runs.
    assert set(found) == {"latest", "1", "4", "5", "6", "7", "8"}
    releases.done("mfupgrade", "roll", "echo", "--watch", "1")
    assert not prune(releases)["removed"]
    releases.done("mfupgrade", "rollback", "echo", "--watch", "1")
    (row,) = releases.status()["instances"]
    assert row["version"] == "1" and tags(releases)["1"] == first


def test_what_a_killed_prune_or_build_leaves_is_removed_by_the_next(
    platform: Platform,
) -> None:
    images = platform.home / "images" / "echo"
    half = images / "0123456789ab"
    (half / "app").mkdir(parents=True)
    (images / "tags" / "77").symlink_to("../0123456789ab")
    dry = prune(platform, "--dry-run")
    assert half.exists() and dry["dry_run"] and dry["freed"] > 0
    assert [(one["kind"], one["name"]) for one in dry["removed"]] == [
        ("leftover", "images/echo/0123456789ab")
    ]
    assert prune(platform)["removed"] == dry["removed"]
    assert not half.exists() and "77" not in tags(platform)
    assert prune(platform)["removed"] == []
    assert platform.done("mfprune") == "Nothing to remove."


def test_what_is_being_built_is_no_leftover(tmp_path: Path) -> None:
    home = Home(tmp_path)
    half = home.images / "echo" / "0123456789ab"
    half.mkdir(parents=True)
    with home.locked("image-echo"):
        assert list(storage.leftovers(home)) == []
    assert len(list(storage.leftovers(home))) == 1


def test_an_image_that_was_asked_for_since_stays(platform: Platform) -> None:
    home = Home(platform.home)
    platform.done("mfbuild", "echo")
    listed = {one.id: one for one in storage.stored(home, "echo")}
    latest = tags(platform)["latest"]
    platform.done("mfkill", "echo")
    platform.done("mfbuild", "echo")
    assert not storage.remove(home, listed[latest])
    assert tags(platform)["latest"] == latest
    platform.done("mfup")


def test_prunes_builds_and_starts_at_once_harm_nothing(releases: Platform) -> None:
    def start() -> str:
        return releases.done("mfrun", "echo", "latest")

    build(releases, "9")
    with ThreadPoolExecutor() as pool:
        starts = [pool.submit(start) for _ in range(3)]
        prunes = [pool.submit(prune, releases) for _ in range(3)]
        built = pool.submit(build, releases, "10")
        names = {one.result() for one in starts}
        built.result()
        assert all(one.result()["dry_run"] is False for one in prunes)
    assert names <= set(releases.working_instances())


def test_without_the_registry_all_images_stay(platform: Platform) -> None:
    platform.done("mfdown")
    try:
        told = platform.mf("mfprune", "--json")
        assert told.returncode == 0
        assert "does not run" in json.loads(told.stdout)["images_stay"]
        assert "all images stay" in told.stderr
    finally:
        platform.done("mfup")


@pytest.mark.parametrize("word", ["--all", "echo"])
def test_a_wrong_call_is_refused(platform: Platform, word: str) -> None:
    result = platform.mf("mfprune", word)
    assert (result.returncode, result.stdout) == (2, "")
