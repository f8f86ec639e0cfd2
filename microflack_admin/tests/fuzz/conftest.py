"""A whole MicroFlack whose documents are tried by Schemathesis."""

import json

import pytest
from chat import Platform

# How many tries of each endpoint are made up, besides those of its bounds and types.
EXAMPLES = 1
SEED = 1
CALLERS = ["nobody", "member", "admin"]
# Who gets furthest. What the others are answered is seen in test_odd_requests.py, too.
MOST = ["admin"]
TRIED = pytest.StashKey[dict]()


def pytest_addoption(parser):
    """Let people try more, or something else."""
    parser.addoption("--examples", type=int, default=EXAMPLES)
    parser.addoption("--seed", type=int, default=SEED)


def pytest_generate_tests(metafunc):
    """Have everybody try the documents if more is asked for than takes two minutes."""
    if "caller" in metafunc.fixturenames:
        more = metafunc.config.getoption("examples") > EXAMPLES
        metafunc.parametrize("caller", CALLERS if more else MOST)


@pytest.fixture(scope="session")
def platform(tmp_path_factory):
    """Bring everything up, and down at the end."""
    platform = Platform(tmp_path_factory.mktemp("fuzz") / "home")
    try:
        platform.run("mfup")
        yield platform
    finally:
        platform.run("mfdown", check=False)


@pytest.fixture(scope="session")
def address_of(platform):
    """Return a function that tells the URL of an instance of a service."""

    def address_of(service):
        status = json.loads(platform.run("mfstatus", "--json").stdout)
        found = [one for one in status["instances"] if one["service"] == service]
        return f"http://{found[0]['address']}"

    return address_of


@pytest.fixture(scope="session")
def tried(request):
    """Return how many cases each document was tried with; it is printed at the end."""
    return request.config.stash[TRIED]


def pytest_configure(config):
    """Count from nothing."""
    config.stash[TRIED] = {}


def pytest_terminal_summary(terminalreporter, config):
    """Say how much was tried."""
    tried = config.stash[TRIED]
    terminalreporter.write_line(f"{sum(tried.values())} cases: {tried}")
