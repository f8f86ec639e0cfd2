"""An Amazon that the templates are tried on, and an engine that runs what they say."""

import pytest
from amazon import TOOLS, Amazon

pytest_plugins = ["engine_fixtures"]
IMAGES = "example.org"


@pytest.fixture(scope="session")
def amazon(tmp_path_factory):
    """Return an account in which nothing is."""
    if not TOOLS.exists():
        pytest.skip("what stands in for Amazon is not here: mftest ecs installs it")
    account = Amazon(tmp_path_factory.mktemp("amazon"))
    try:
        account.start()
        yield account
    finally:
        account.stop()


@pytest.fixture(scope="session")
def deployed(amazon):
    """Return the account with all of MicroFlack in it."""
    done = amazon.deploy("--images", IMAGES, "--access", "open")
    assert done.returncode == 0, done.stderr
    return amazon
