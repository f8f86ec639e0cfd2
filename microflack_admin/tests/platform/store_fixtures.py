"""Fixtures of a platform with a secrets store."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from platforms import Platform
from stores import LEASE_SECONDS, StorePlatform

from mfplatform.secrets_store import store

pytest_plugins = ["platform_fixtures"]


@pytest.fixture(scope="session")
def moved(first_platform: Platform) -> Iterator[StorePlatform]:
    """Return a platform whose secrets were moved into a store while it was asked."""
    folder = Path(tempfile.mkdtemp(prefix="mf store "))
    platform = StorePlatform(folder, first_platform)
    lease = str(LEASE_SECONDS)
    try:
        platform.done("mfup")
        before = platform.given("echo-1")
        with platform.being_asked() as answers:
            platform.done("mfup", "--secrets", "openbao", MF_SECRETS_LEASE=lease)
        assert set(answers) == {200}
        after = platform.given("echo-2")
        assert after["JWT_SECRET_KEY"] == before["JWT_SECRET_KEY"]
        yield platform
    finally:
        platform.remove()


@pytest.fixture
def chat(moved: StorePlatform) -> StorePlatform:
    """Return the platform with an open store and one instance that is ready."""
    if not store.is_wanted(moved.state):
        moved.done("mfup", "--secrets", "openbao")
    if not moved.working_instances():
        moved.done("mfsecrets", "unseal")
        moved.done("mfup")
    return moved
