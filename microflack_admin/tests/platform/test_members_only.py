"""MF_ACCESS: who may read, and what is not started where that is members only."""

import pytest
from platforms import Platform

from mfplatform.state import membership
from mfplatform.state.home import PlatformError

pytest_plugins = ["platform_fixtures"]


@pytest.mark.parametrize(
    ("settings", "access"),
    [
        ({}, "open"),
        ({"MF_BIND": "127.0.0.1"}, "open"),
        ({"MF_BIND": "127.0.0.2"}, "open"),
        ({"MF_BIND": "0.0.0.0"}, "members"),
        ({"MF_BIND": "192.0.2.7"}, "members"),
        ({"MF_BIND": "0.0.0.0", "MF_ACCESS": "open"}, "open"),
        ({"MF_BIND": "127.0.0.1", "MF_ACCESS": "members"}, "members"),
    ],
)
def test_what_a_network_reaches_is_for_members(
    settings: dict[str, str], access: str
) -> None:
    assert membership.access(settings) == access


def test_only_members_need_releases_that_know_of_it() -> None:
    membership.check({}, "echo", "1", knows_access=False)
    settings = {"MF_ACCESS": "members"}
    membership.check(settings, "echo", "1", knows_access=True)
    with pytest.raises(PlatformError, match="echo 1 does not know MF_ACCESS=members"):
        membership.check(settings, "echo", "1", knows_access=False)


@pytest.mark.parametrize("value", ["Members", "closed", "yes", "-f"])
def test_another_word_is_refused(fresh: Platform, value: str) -> None:
    result = fresh.mf("mfup", MF_ACCESS=value)
    assert (result.returncode, result.stdout) == (2, "")
    assert "MF_ACCESS must be open or members" in result.stderr


def test_what_lets_everybody_read_is_not_started_for_members(fresh: Platform) -> None:
    fresh.done("mfup")
    assert fresh.status()["access"] == "open"
    before = fresh.settings, fresh.pid("echo-1")
    refused = fresh.mf("mfup", MF_ACCESS="members")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "echo 1 does not know MF_ACCESS=members" in refused.stderr
    assert (fresh.settings, fresh.pid("echo-1")) == before
    fresh.done("mfkill", "all")
    refused = fresh.mf("mfup", MF_ACCESS="members")
    assert refused.returncode == 1
    assert "echo 1 does not know MF_ACCESS=members" in refused.stderr
    assert fresh.status()["access"] == "members"
    assert fresh.status()["instances"] == []
    refused = fresh.mf("mfrun", "echo")
    assert refused.returncode == 1
    assert "does not know MF_ACCESS=members" in refused.stderr
    with open(fresh.folder / "microflack_echo" / "service.env", "a") as service_env:
        service_env.write("KNOWS_ACCESS=yes\n")
    fresh.done("mfbuild", "echo")
    name = fresh.done("mfrun", "echo", "latest")
    environment = (fresh.home / "instances" / name / "env").read_text()
    assert "\nACCESS=members\n" in environment
    assert "access: members" in fresh.done("mfstatus")
    told = fresh.mf("mfup", MF_ACCESS="open")
    assert told.returncode == 0, told.stderr
    assert "MF_ACCESS=open" in told.stderr
    environment = (fresh.home / "instances" / name / "env").read_text()
    assert "\nACCESS=open\n" in environment
    assert fresh.works()
