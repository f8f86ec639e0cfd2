"""Releases from before the passwords go on: their wheels know only host and port."""

import io
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from access_servers import Servers, run

from mfplatform.packaging import sources
from mfplatform.state import access, older_images
from microflack_common.registry import Registry, RegistryError

pytest_plugins = ["access_fixtures"]

ROOT = Path(__file__).resolve().parents[3]
REGISTER = """
import os
from microflack_common.registry import Registry, RegistryError
registry = Registry(os.environ["ETCD"])
registry.put("/services/older/upstream/one", "127.0.0.1:1", ttl=50)
print(registry.get("/services/older/upstream/one"))
"""
PUBLISH = """
import os
try:
    from microflack_common.redis import connect
except ImportError:
    from microflack_common.push import connect
print(connect(os.environ["REDIS"]).publish("flask-socketio", "x"))
"""
# The oldest that has each, and the newest that knows no password.
CASES = [("0.1", REGISTER), ("0.3", PUBLISH), ("0.7", REGISTER), ("0.7", PUBLISH)]


@pytest.mark.parametrize(("release", "program"), CASES)
def test_an_older_wheel_comes_in(
    servers: Servers, tmp_path: Path, release: str, program: str
) -> None:
    commit = sources.commit_of(ROOT, "common", release)
    command = ["git", "-C", str(ROOT), "archive", commit, "microflack_common"]
    packed = subprocess.run(command, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(tmp_path, filter="data")
    undeclared = {"NEEDS_DB": "no"}
    given = access.of_service(servers.home, "older", undeclared | {"x": "y"})
    path = f"{older_images.folder(servers.home)}:{tmp_path / 'microflack_common'}"
    python = [sys.executable, "-W", "ignore", "-c", program]
    done = run(python, PYTHONPATH=path, **given)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in ("127.0.0.1:1", "0")
    without = run(python, PYTHONPATH=str(tmp_path / "microflack_common"), **given)
    assert without.returncode != 0


def test_undeclared_releases_keep_what_they_could_do(servers: Servers) -> None:
    given = access.of_service(servers.home, "undeclared", {})
    registry = Registry(given["ETCD"])
    registry.put("/revoked-tokens/b", "1")
    registry.put("/services/undeclared/location", "/")
    assert "/revoked-tokens/b" in registry.tree("/").values


def test_what_they_could_do_is_not_for_releases_that_declare(servers: Servers) -> None:
    access.of_service(servers.home, "newer", {})
    given = access.of_service(servers.home, "newer", {"NEEDS_JWT_KEY": "no"})
    registry = Registry(given["ETCD"])
    registry.put("/services/newer/location", "/")
    for key in ("/", "/revoked-tokens"):
        with pytest.raises(RegistryError, match="does not allow that"):
            registry.tree(key)
