"""mfup --metrics on a real platform: it begins, is remembered, and ends."""

import re
import subprocess
from pathlib import Path

import requests
from daemons import wait_for
from platforms import ADMIN, Platform

pytest_plugins = ["platform_fixtures"]


def asked(platform: Platform) -> dict[str, str]:
    """Return the names of all that Prometheus asks, and how that went."""
    secrets = (platform.home / "secrets.env").read_text()
    password = re.findall(r"^STATS_PASSWORD=(.*)$", secrets, re.MULTILINE)[0]
    url = f"http://127.0.0.1:{platform.settings['PROMETHEUS_PORT']}/api/v1/targets"
    answer = requests.get(url, auth=("admin", password), timeout=60)
    targets = answer.json()["data"]["activeTargets"]
    return {one["labels"]["instance"]: one["health"] for one in targets}


def parts(platform: Platform) -> set[str]:
    return {part["name"] for part in platform.status()["parts"]}


def test_figures_are_gathered_until_that_is_ended(platform: Platform) -> None:
    (echo,) = platform.working_instances()
    balancer = platform.pid("haproxy")
    platform.done("mfup", "--metrics")
    assert {"prometheus", "caretaker"} <= parts(platform)
    # What serves is not touched.
    assert platform.pid("haproxy") == balancer
    # It begins to ask each within a quarter of a minute.
    for name in ("platform", "haproxy"):
        wait_for(lambda name=name: asked(platform).get(name) == "up")
    wait_for(lambda: set(asked(platform)) == {"platform", "haproxy", echo})

    platform.done("mfdown")
    assert platform.processes() == []
    platform.done("mfup")
    assert "prometheus" in parts(platform)
    platform.done("mfup", "--no-metrics")
    assert not {"prometheus", "caretaker"} & parts(platform)


def test_where_it_is_not_installed_it_is_said_how_to_install_it(tmp_path: Path) -> None:
    # As on a machine without it, and as who may not install anything.
    script = """
        set -euo pipefail
        source "$0/lib/common.bash"; source "$0/lib/packages.bash"
        mf_may_be_root() { false; }
        command() { [[ $* != "-v prometheus" ]] && builtin command "$@"; }
        MF_HOME=$1 MF_METRICS=on mf_install_prometheus
    """
    done = subprocess.run(
        ["bash", "-c", script, ADMIN, tmp_path], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert (
        "prometheus. Install them with: sudo apt-get install --no-install-recommends "
        "prometheus (or do without: mfup --no-metrics)" in done.stderr
    )
