"""What the commands tell programs: one JSON document, and problems elsewhere."""

import json
import time
from typing import Any

from platforms import Platform

pytest_plugins = ["platform_fixtures"]


def told(platform: Platform, *command: str) -> dict[str, Any]:
    """Return what a command says; only a result may stand on its standard output."""
    return dict(json.loads(platform.done(*command)))


def test_an_instance_that_was_started_is_described(platform: Platform) -> None:
    found = told(platform, "mfrun", "echo", "--json", "1", "--", "GREETING=--json")
    (row,) = (
        one
        for one in platform.status()["instances"]
        if one["instance"] == found["instance"]
    )
    assert found.keys() == {"instance", "service", "version", "image", "address"}
    assert (found["service"], found["version"]) == ("echo", "1")
    assert found["address"] == row["address"]
    assert (platform.home / "images" / "echo" / found["image"]).is_dir()


def test_what_was_stopped_is_listed(platform: Platform) -> None:
    name = platform.done("mfrun", "echo")
    assert told(platform, "mfkill", "--json", name) == {"stopped": [name], "failed": {}}
    name = platform.done("mfrun", "echo")
    platform.done("mfkill", name)
    gone = platform.mf("mfkill", "echo", "--json")
    assert name not in json.loads(gone.stdout)["stopped"]
    again = platform.mf("mfkill", "--json", "echo")
    assert json.loads(again.stdout) == {"stopped": [], "failed": {}}
    assert "nothing to do" in again.stderr


def test_the_history_of_upgrades_is_an_object(platform: Platform) -> None:
    found = told(platform, "mfupgrade", "history", "--json", "echo")
    assert found == {"current": None, "worked_on_by": None, "history": []}
    refused = platform.mf("mfupgrade", "roll", "--json")
    assert (refused.returncode, refused.stdout) == (2, "")


def test_the_images_are_listed_with_what_runs_of_them(platform: Platform) -> None:
    found = told(platform, "mfbuild", "--list", "--json", "echo")["images"]
    (latest,) = (one for one in found if "latest" in one["tags"])
    (running,) = (one["instance"] for one in platform.status()["instances"])
    assert latest["instances"] == [running]
    assert latest["version"] == "1" and latest["bytes"] > 100_000
    assert 0 < time.time() - latest["built"] < 3600
    shown = platform.done("mfbuild", "--list")
    assert "SERVICE" in shown and latest["image"] in shown and running in shown
    refused = platform.mf("mfbuild", "--list", "nix")
    assert refused.returncode == 2 and "Known services: echo" in refused.stderr


def test_the_registry_is_dumped_whole(platform: Platform) -> None:
    found = told(platform, "etcd-dump", "--json")
    assert found["key"] == "/"
    assert found["values"]["/services/echo/location"] == "/api/echo"
    # Long values are cut for people only.
    (state,) = (v for k, v in found["values"].items() if k.startswith("/loadbalancers"))
    assert json.loads(state)["services"]
    part = told(platform, "etcd-dump", "/services/echo/location", "--json")
    assert part["values"] == {"/services/echo/location": "/api/echo"}


def test_the_disk_is_told_in_bytes(platform: Platform) -> None:
    disk = platform.status()["disk"]
    assert disk["data"] > 1_000_000 and disk["logs"] > 0 and disk["free"] > 0
    assert 0 < disk["used_share"] < 1
    assert "Disk: data " in platform.done("mfstatus")


def test_what_fails_says_nothing_where_results_stand(fresh: Platform) -> None:
    for command in (
        ("mfrun", "--json", "echo"),
        ("mfkill", "--json", "echo"),
        ("mfupgrade", "history", "--json"),
        ("etcd-dump", "--json"),
    ):
        result = fresh.mf(*command)
        assert (result.returncode, result.stdout) == (1, ""), command
        assert "mfup" in result.stderr
