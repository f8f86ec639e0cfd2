"""The chat as functions, and people who use it."""

import os

import pytest
from chat import Person
from serverless import missing, serverless

pytest_plugins = ["engine_fixtures"]


@pytest.fixture(scope="session")
def platform(tmp_path_factory):
    """Return the chat as functions, behind what stands for an HTTP API."""
    if reason := missing():
        pytest.skip(reason)
    with serverless(tmp_path_factory.mktemp("lambda")) as it:
        yield it


@pytest.fixture
def person(platform):
    """Return a function that registers somebody under a name of this test."""
    return lambda nickname: Person(platform.url, f"{nickname} {os.urandom(3).hex()}")
