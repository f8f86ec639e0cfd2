"""The page can be installed, and opens without a connection."""

import json
import struct
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from fake_api import FakeApi
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, expect
from test_web_push import wait_for, wait_for_worker
from visitor import Visitor
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from microflack_common.testing import running
from microflack_ui import files

Visit = Callable[..., Visitor]


@pytest.fixture
def allowed(ada: Visit) -> Visitor:
    """The page of ada, in a browser that has the service worker."""
    visitor = ada(alone=True, service_workers="allow")
    wait_for_worker(visitor)
    return visitor


def test_the_page_can_be_installed(client: FlaskClient, allowed: Visitor) -> None:
    session = allowed.page.context.new_cdp_session(allowed.page)
    found = session.send("Page.getAppManifest")
    assert found["errors"] == []
    problems = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # The windows of tests are private ones.
    assert {one["errorId"] for one in problems} <= {"in-incognito"}
    manifest = json.loads(found["data"])
    assert (manifest["start_url"], manifest["scope"]) == ("/", "/")
    base = found["url"].removeprefix(allowed.url).rpartition("/")[0]
    for icon in manifest["icons"]:
        answer = client.get(f"/{base}/{icon['src']}")
        assert answer.content_type.startswith(icon["type"])
        if icon["type"] == "image/png":
            # PNG (third edition), 11.2.1: the first chunk begins with the size.
            size = "{}x{}".format(*struct.unpack(">II", answer.data[16:24]))
            assert size == icon["sizes"]


def test_the_service_worker_may_ask_for_pages_and_nothing_else(
    client: FlaskClient,
) -> None:
    path = f"/static/v/{files.version()}/service_worker.js"
    answer = client.get(path)
    assert answer.headers["Service-Worker-Allowed"] == "/"
    policy = answer.headers["Content-Security-Policy"]
    assert policy == "default-src 'none'; connect-src 'self'"
    assert "immutable" in answer.headers["Cache-Control"]
    other = client.get(path.replace("service_worker", "reload"))
    assert "Service-Worker-Allowed" not in other.headers


class Counted:
    """The service; it counts what it is asked for."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self.asked: Counter[str] = Counter()

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        self.asked[environ["PATH_INFO"]] += 1
        return self._app(environ, start)


@pytest.fixture
def counted(app: Flask) -> Counted:
    """The service, of which is counted what it is asked for."""
    return Counted(app)


def test_without_a_connection_the_page_opens_and_says_so(
    browser: Browser, api: FakeApi, counted: Counted
) -> None:
    api.add_user("ada")
    service = DispatcherMiddleware(counted, {"/api": api})
    with browser.new_context(locale="en-GB") as context:
        with running(service) as url:
            visitor = Visitor(context.new_page(), url)
            before = Counter(counted.asked)
            visitor.sign_in("ada")
            wait_for_worker(visitor)
            assert kept(context) == [f"microflack./static/v/{files.version()}"]
            # What it keeps the browser had already.
            asked = {path: max(1, before[path]) for path in counted.asked}
            again = set(counted.asked - Counter(asked))
            assert not [one for one in again if one.endswith(("js", "css"))]
        # Nothing answers any more.
        for path in ("", "rooms/1/messages/7"):
            visitor.page.goto(visitor.url + path)
            expect(visitor.composer).to_be_visible()
            expect(visitor.connection).not_to_have_text("Online")
            assert visitor.page.url == visitor.url + path
        assert visitor.problems == []


def test_the_next_version_takes_the_place_of_the_one_before(
    allowed: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "navigator.serviceWorker.controller?.scriptURL ?? ''"
    for version in ("0" * 16, files.version()):
        monkeypatch.setattr(files, "version", lambda version=version: version)
        allowed.page.reload()
        wait_for_worker(allowed)
        assert wait_for(
            lambda version=version: version in allowed.page.evaluate(script)
        )
        wanted = [f"microflack./static/v/{version}"]
        assert wait_for(lambda wanted=wanted: kept(allowed.page.context) == wanted)
        allowed.say(f"by {version}")
        expect(allowed.messages.last).to_have_text(f"by {version}")


def kept(context: BrowserContext) -> list[str]:
    """Return the names of what the browser keeps of the page."""
    found: list[str] = context.pages[0].evaluate("caches.keys()")
    return found
