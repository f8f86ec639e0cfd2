"""The page as a browser shows it, served by the real service beside a fake API."""

import shutil
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from fake_api import FakeApi
from fake_data import TIMEOUT_SECONDS
from fake_live import FakeLive
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright
from visitor import Visitor
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from microflack_common.testing import running
from microflack_ui.app import create_app

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TIMEOUT_MS = 1000 * TIMEOUT_SECONDS
SETTINGS: dict[str, Any] = {
    "locale": "en-GB",
    "timezone_id": "UTC",
    # It would outlive the test, and answer in the next one.
    "service_workers": "block",
}


class Replaceable:
    """The API of the test that runs, and its Socket.IO service if it has one."""

    api = FakeApi()

    def of_api(self, *request: Any) -> Iterable[bytes]:
        """Answer for /api."""
        return self.api(*request)

    def of_live(self, *request: Any) -> Iterable[bytes]:
        """Answer for /socket.io."""
        return (self.api.live or NotFound())(*request)


@pytest.fixture(scope="session")
def app() -> Flask:
    """The service."""
    return create_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of the service, without a browser."""
    return app.test_client()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    path = shutil.which("chromium")
    if not path:
        pytest.fail(
            "These tests drive Chromium: apt-get install chromium", pytrace=False
        )
    expect.set_options(timeout=TIMEOUT_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium
        browser = chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(app: Flask) -> Iterator[tuple[str, Replaceable]]:
    """The address of the running service, and what stands beside it."""
    others = Replaceable()
    mounts = {"/api": others.of_api, "/socket.io": others.of_live}
    with running(DispatcherMiddleware(app, mounts)) as url:
        yield url, others


@pytest.fixture
def api(site: tuple[str, Replaceable]) -> FakeApi:
    """The other services, empty, and without live updates."""
    site[1].api = FakeApi()
    return site[1].api


@pytest.fixture
def live(api: FakeApi) -> FakeLive:
    """The Socket.IO service beside them."""
    api.live = FakeLive(api)
    return api.live


@pytest.fixture(scope="session")
def profile(browser: Browser) -> BrowserContext:
    """What the first visitor of each test uses: a warm cache saves much of the time."""
    return browser.new_context(**SETTINGS)


@pytest.fixture
def visit(
    browser: Browser,
    profile: BrowserContext,
    site: tuple[str, Replaceable],
    api: FakeApi,
) -> Iterator[Callable[..., Visitor]]:
    """Open the page as somebody new; options are those of a Playwright context.

    Who is to be ``alone`` shares no context with those who come later: its clock is
    theirs, too.
    A script error or a breach of the security policy fails the test.
    """
    visitors: list[Visitor] = []

    def open_page(alone: bool = False, **options: Any) -> Visitor:
        context = profile
        if alone or options or visitors:
            context = browser.new_context(**{**SETTINGS, **options})
        context.set_default_timeout(TIMEOUT_MS)
        visitors.append(Visitor(context.new_page(), site[0]))
        return visitors[-1]

    yield open_page
    for context in {visitor.page.context for visitor in visitors} - {profile}:
        context.close()
    forget_everything(profile, site[0])
    assert [problem for one in visitors for problem in one.problems] == []


def forget_everything(profile: BrowserContext, url: str) -> None:
    """Close all pages and drop what the site has stored."""
    profile.set_offline(False)
    profile.clear_cookies()
    for page in profile.pages:
        session = profile.new_cdp_session(page)
        stored = {"origin": url, "storageTypes": "local_storage"}
        session.send("Storage.clearDataForOrigin", stored)
        page.close()


@pytest.fixture(scope="module")
def run(
    browser: Browser, site: tuple[str, Replaceable]
) -> Iterator[Callable[..., Any]]:
    """Return what a function body makes of a module and an argument."""
    site[1].api = FakeApi()
    page = browser.new_page(timezone_id="Europe/Dublin", locale="en-GB")
    yield Visitor(page, site[0]).logic
    page.close()


@pytest.fixture
def ada(api: FakeApi, visit: Callable[..., Visitor]) -> Callable[..., Visitor]:
    """Open the page as ada, user 1, signed in."""
    api.add_user("ada")

    def open_signed_in(**options: Any) -> Visitor:
        visitor = visit(**options)
        visitor.sign_in("ada")
        return visitor

    return open_signed_in


@pytest.fixture
def enter(
    api: FakeApi, live: FakeLive, ada: Callable[..., Visitor]
) -> Callable[..., Visitor]:
    """Open the page as ada, signed in and connected."""

    def open_live(**options: object) -> Visitor:
        visitor = ada(**options)
        live.wait_for(lambda: "" not in live.tokens.values() and bool(live.tokens))
        expect(visitor.connection).to_have_text("Online")
        return visitor

    return open_live
