"""What a swarm has that one machine has not."""

import pytest
from daemons import wait_for
from handling import handle
from platforms import Platform
from swarms import Swarm


def hosts_of(platform: Platform) -> dict[str, str]:
    """Return the address of the host of each instance."""
    rows = platform.status()["instances"]
    return {one["instance"]: one["address"].split(":")[0] for one in rows}


def spread(platform: Platform) -> dict[str, str]:
    """Have an instance on each host; return which is where."""
    platform.done("mfkill", "all")
    for _ in range(3):
        platform.done("mfrun", "echo")
    return hosts_of(platform)


def test_instances_are_on_all_hosts_and_each_is_asked_and_heard(
    platform: Platform, swarm: Swarm
) -> None:
    found = spread(platform)
    assert set(found.values()) == {swarm.address, *(h.address for h in swarm.hosts[:2])}
    asked = {platform.get("/api/echo")[1]["instance"] for _ in range(12)}
    assert asked == set(found)
    wait_for(
        lambda: all(f"{one} starts" in platform.done("mflogs", one) for one in found)
    )


def test_what_a_lost_host_had_is_back_on_others_under_its_name(
    platform: Platform, swarm: Swarm
) -> None:
    found, lost = spread(platform), swarm.hosts[1]
    (name,) = (one for one, host in found.items() if host == lost.address)
    lost.cut_off()
    try:
        wait_for(lambda: hosts_of(platform)[name] not in ("", lost.address), 300)
        wait_for(lambda: set(platform.working_instances()) == set(found), 300)
        asked = {platform.get("/api/echo")[1]["instance"] for _ in range(12)}
        assert asked == set(found)
    finally:
        lost.cut_off(is_off=False)
        wait_for(lambda: swarm.is_ready(lost), 300)


def test_nothing_can_be_done_from_here_to_what_another_host_runs(
    platform: Platform, swarm: Swarm
) -> None:
    found = spread(platform)
    name = next(one for one, host in found.items() if host != swarm.address)
    for call in ("kill", "freeze", "thaw"):
        with pytest.raises(AssertionError, match=f"{name} runs on another host"):
            handle(platform, call, name)
    assert handle(platform, "memory", name) == {"used": 0, "most": 0}
    assert hosts_of(platform) == found


def test_the_swarm_tells_nobody_what_is_secret(
    platform: Platform, swarm: Swarm
) -> None:
    file = platform.home / "secrets" / "echo.env"
    secrets = [line.split("=", 1)[1] for line in file.read_text().splitlines()]
    ids = swarm.engine.docker("service", "ls", "--quiet").split()
    told = swarm.engine.docker("service", "inspect", *ids)
    told += swarm.engine.docker("inspect", *swarm.engine.docker("ps", "-q").split())
    assert secrets and not [one for one in secrets if one in told]


def test_a_host_that_takes_nothing_more_is_said_and_nothing_is_left(
    platform: Platform, swarm: Swarm
) -> None:
    before = hosts_of(platform)
    swarm.availability("pause")
    try:
        result = platform.mf("mfrun", "echo")
    finally:
        swarm.availability("active")
    assert result.returncode == 1
    assert "no host of the swarm takes it" in result.stderr
    assert "docker node ls" in result.stderr
    assert hosts_of(platform) == before
    left = swarm.engine.docker("service", "ls", "--quiet").split()
    assert len(left) == len(before)


def test_mfdown_leaves_nothing_in_the_swarm(platform: Platform, swarm: Swarm) -> None:
    platform.done("mfdown")
    try:
        for kind in ("service", "secret", "config"):
            assert swarm.engine.docker(kind, "ls", "--quiet") == ""
    finally:
        platform.done("mfup")
