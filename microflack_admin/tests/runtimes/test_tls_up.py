"""mfup with TLS, in each runtime: and what is refused without touching what runs."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from certificates import own_pem, served
from daemons import free_port, wait_for
from pebble import Pebble
from platforms import Platform

pytest_plugins = ["platform_fixtures"]

NAME = "chat.example.org"


@pytest.fixture
def folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="mf up "))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def pids(platform: Platform) -> dict[str, int]:
    status = platform.status()
    rows = {one["name"]: one["pid"] for one in status["parts"]}
    return rows | {one["instance"]: one["pid"] for one in status["instances"]}


def test_a_local_network_has_tls_and_is_plain_again(fresh: Platform) -> None:
    plain = fresh.done("mfup")
    http_port, fresh.port = fresh.port, free_port()
    done = fresh.mf("mfup", "--tls", "own")
    trusted = fresh.home / "tls" / "ca.crt"
    assert done.stdout == f"https://127.0.0.1:{fresh.port}/\n", done.stderr
    assert str(trusted) in done.stderr and "iPhone" in done.stderr
    for host in ("127.0.0.1", "localhost"):
        answer = requests.get(
            f"https://{host}:{fresh.port}/api/echo", verify=str(trusted), timeout=30
        )
        assert answer.json()["instance"] == "echo-1"
    # The old address leads to the new one, and services do not need it.
    moved = requests.get(
        plain, headers={"Accept": "text/html"}, allow_redirects=False, timeout=30
    )
    assert moved.headers["Location"] == done.stdout.strip()
    assert fresh.settings["MF_HTTP_PORT"] == str(http_port)
    inside = requests.get(f"{fresh.settings['LB']}/api/echo", timeout=30)
    assert inside.status_code == 200
    status = fresh.status()
    assert status["url"] == done.stdout.strip()
    assert "localhost" in status["certificate"]["names"]
    assert "Certificate until" in fresh.done("mfstatus")
    before = pids(fresh)
    assert fresh.done("mfup", MF_PORT="") == status["url"]
    assert pids(fresh) == before
    fresh.port = http_port
    assert fresh.done("mfup", "--tls", "off") == plain
    status = fresh.status()
    assert status["certificate"] is None and "certificates" not in pids(fresh)
    assert fresh.works()


def test_a_file_is_checked_before_anything_is_touched(
    fresh: Platform, folder: Path
) -> None:
    fresh.done("mfup")
    before, settings = pids(fresh), fresh.settings
    file = folder / "site.pem"
    file.write_text(own_pem("other.example"))
    own = {"MF_PORT": str(free_port()), "MF_CERT": str(file)}
    refused = fresh.mf("mfup", "--domain", NAME, **own)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "is for other.example, not for chat.example.org" in refused.stderr
    assert (pids(fresh), fresh.settings) == (before, settings)
    file.write_text(own_pem(NAME))
    assert fresh.done("mfup", **own) == f"https://{NAME}:{own['MF_PORT']}/"
    shown = fresh.status()["certificate"]
    assert (shown["names"], shown["issuer"], shown["problem"]) == (
        [NAME],
        "a test",
        None,
    )


def test_a_domain_has_a_certificate_or_all_stays_as_it_was(
    fresh: Platform, folder: Path
) -> None:
    fresh.done("mfup")
    http_port, fresh.port = fresh.port, free_port()
    authority = Pebble(folder, http_port, life_seconds=90 * 24 * 3600)
    asked = {
        "MF_BIND": "127.0.0.1",
        "MF_HTTP_PORT": str(http_port),
        "MF_ACME_SERVER": authority.url,
        "MF_ACME_CA": str(authority.ca_file),
    }
    before, settings = pids(fresh), fresh.settings
    try:
        away = fresh.mf("mfup", "--domain", NAME, **asked)
        assert (away.returncode, away.stdout) == (1, "")
        assert f"mfup: no certificate for {NAME}: " in away.stderr
        assert (pids(fresh), fresh.settings) == (before, settings)
        authority.start()
        refused = fresh.mf("mfup", "--domain", authority.blocked, **asked)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert f"no certificate for {authority.blocked}: " in refused.stderr
        assert (pids(fresh), fresh.settings) == (before, settings)
        # The authority asks the plain platform that runs, which passes it on.
        assert fresh.done("mfup", "--domain", NAME, **asked) == f"https://{NAME}/"
        first = served(fresh.port).serial_number
        shown = fresh.status()["certificate"]
        assert (shown["names"], shown["problem"]) == ([NAME], None)
        # Another name needs no restart: what runs passes the question on as well.
        both = ("--domain", NAME, "--domain", f"b.{NAME}")
        before = pids(fresh)
        fresh.done("mfup", *both)
        assert set(fresh.status()["certificate"]["names"]) == {f"b.{NAME}", NAME}
        wait_for(lambda: served(fresh.port).serial_number != first)
        kept = {name for name, pid in pids(fresh).items() if before[name] == pid}
        assert kept >= {"etcd", "haproxy", "echo-1"}
    finally:
        authority.stop()
