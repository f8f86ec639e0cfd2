"""People and their browsers, for whatever serves the chat at ``platform``."""

import os
import shutil

import pytest
from chat import Person
from playwright.sync_api import expect, sync_playwright
from visitor import Visitor

FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 15_000


@pytest.fixture
def person(platform, request):
    """Return a function that registers somebody under a name of this test."""

    def make(nickname):
        return Person(platform.url, f"{nickname} {os.urandom(3).hex()}")

    return make


@pytest.fixture(scope="session")
def chromium():
    """Return a function that starts a browser of its own."""
    path = shutil.which("chromium")
    if not path:
        pytest.fail("These tests drive Chromium: apt-get install chromium", False)
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        yield lambda: playwright.chromium.launch(executable_path=path, args=FLAGS)


@pytest.fixture
def visit(chromium, platform):
    """Open the page in a browser of its own; a script error fails the test."""
    visitors, browsers = [], []

    def open_page():
        browsers.append(chromium())
        page = browsers[-1].new_context(locale="en-GB").new_page()
        page.set_default_timeout(PATIENCE_MS)
        visitors.append(Visitor(page, platform.url))
        return visitors[-1]

    yield open_page
    for browser in browsers:
        browser.close()
    assert [problem for one in visitors for problem in one.problems] == []
