"""A whole MicroFlack, brought up as a user would, and browsers that use it."""

import pytest
from chat import Platform
from people import chromium, person, visit

__all__ = ["chromium", "person", "platform", "visit"]


class New(Platform):
    """A platform whose tools, too, are installed by mfup."""

    shared = ("image-store",)


@pytest.fixture(scope="session")
def platform(tmp_path_factory):
    """Bring everything up as the README says, and down at the end."""
    platform = New(tmp_path_factory.mktemp("e2e") / "a home")
    try:
        result = platform.run("mfup")
        assert result.stdout.splitlines()[-1].rstrip("/") == platform.url
        yield platform
    finally:
        platform.run("mfdown", check=False)
