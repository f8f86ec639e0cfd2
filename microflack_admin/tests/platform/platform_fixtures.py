"""Fixtures that start whole platforms."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from platforms import Platform


@pytest.fixture(scope="session")
def first_platform() -> Iterator[Platform]:
    """Return the platform whose tools the others use."""
    platform = Platform(Path(tempfile.mkdtemp(prefix="mf first ")))
    try:
        # Installing them takes a while, and "e2e" does it.
        if not platform.take_tools():
            platform.done("mfup")
            platform.done("mfdown")
        yield platform
    finally:
        platform.remove()


@pytest.fixture
def fresh(first_platform: Platform) -> Iterator[Platform]:
    """Return a platform that has never been started."""
    platform = Platform(Path(tempfile.mkdtemp(prefix="mf fresh ")), first_platform)
    try:
        yield platform
    finally:
        platform.remove()


@pytest.fixture(scope="module")
def running(first_platform: Platform) -> Iterator[Platform]:
    """Return a running platform with one instance of echo, for tests of a module."""
    platform = Platform(Path(tempfile.mkdtemp(prefix="mf running ")), first_platform)
    try:
        platform.done("mfup")
        yield platform
    finally:
        platform.remove()


@pytest.fixture
def platform(running: Platform) -> Platform:
    """Return the running platform with exactly one instance of echo."""
    running.have_one_instance()
    return running
