"""A whole MicroFlack, brought up as a user would, and browsers that use it."""

import pytest
from chat import Platform
from people import chromium, person, visit

from microflack_common.testing_traces import trace_receiver

__all__ = ["chromium", "person", "platform", "receiver", "visit"]


class New(Platform):
    """A platform whose tools, too, are installed by mfup."""

    shared = ("image-store",)


@pytest.fixture(scope="session")
def receiver():
    """Return a receiver of traces, which is told of all that happens here."""
    with trace_receiver() as receiver:
        yield receiver


@pytest.fixture(scope="session")
def platform(tmp_path_factory, receiver):
    """Bring everything up as the README says, and down at the end."""
    platform = New(tmp_path_factory.mktemp("e2e") / "a home")
    platform.environ["MF_TRACES_TO"] = receiver.url
    try:
        result = platform.run("mfup")
        assert result.stdout.splitlines()[-1].rstrip("/") == platform.url
        yield platform
    finally:
        platform.run("mfdown", check=False)
