"""A plugin of pytest: its report also tells how long the setup of each test took.

mftest puts it into the environments that it runs tests in.
"""

from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the seconds of a test's setup to its properties."""
    if call.when == "setup":
        item.user_properties.append(("setup", f"{call.duration:.2f}"))
    return (yield)
