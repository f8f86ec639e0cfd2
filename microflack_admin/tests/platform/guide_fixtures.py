"""Fixtures for tests that follow a guide."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from checkouts import Checkout, MakeCheckout
from platforms import Platform


@pytest.fixture
def started() -> Iterator[ExitStack]:
    """Return what ends all that a test has started."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def checkout(first_platform: Platform, started: ExitStack) -> MakeCheckout:
    """Return a maker of checkouts with some services."""

    def make(services: list[str]) -> Checkout:
        made = Checkout(services, first_platform)
        started.callback(made.remove)
        return made

    return make
