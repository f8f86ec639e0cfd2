"""Two versions of the page side by side, as during an upgrade."""

import itertools
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, expect
from werkzeug.wrappers import Request, Response

from microflack_common.testing import flask_run, running

FOLDER = Path(__file__).parents[1]
LOADS = 6


class RoundRobin:
    """A load balancer that asks one instance after the other."""

    def __init__(self, instances: list[str]) -> None:
        self._instances = itertools.cycle(instances)
        self.missing = 0

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        path = Request(environ).full_path.rstrip("?")
        found = requests.get(next(self._instances) + path, timeout=60)
        self.missing += found.status_code == 404
        kept = ("Content-Type", "Cache-Control", "Content-Security-Policy")
        headers = {name: found.headers[name] for name in kept if name in found.headers}
        response = Response(found.content, found.status_code, headers)
        return response(environ, start_response)


@pytest.fixture(scope="module")
def balancer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RoundRobin]:
    """One before two instances whose modules lie at different places."""
    trees = [tmp_path_factory.mktemp(name) / "ui" for name in ("old", "new")]
    for tree in trees:
        shutil.copytree(FOLDER, tree, ignore=shutil.ignore_patterns("tests", ".*cache"))
    static = trees[1] / "microflack_ui" / "static"
    (static / "logic").rename(static / "rules")
    for module in (*static.glob("*.js"), *static.glob("[act]*/*.js")):
        module.write_text(module.read_text().replace("/logic/", "/rules/"))
    with ExitStack() as stack:
        yield RoundRobin([stack.enter_context(flask_run(tree, {})) for tree in trees])


def test_each_load_shows_one_of_the_versions_whole(
    browser: Browser, balancer: RoundRobin
) -> None:
    with running(balancer) as url:
        for _ in range(LOADS):
            with browser.new_context() as visitor:
                page = visitor.new_page()
                page.goto(url)
                expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert balancer.missing > 0


def test_a_page_that_stays_in_pieces_says_so(
    browser: Browser, site: tuple[str, object]
) -> None:
    with browser.new_context() as visitor:
        page = visitor.new_page()
        page.route("**/preact.mjs", lambda route: route.fulfill(status=404))
        page.goto(site[0])
        expect(page.get_by_text("The page could not be loaded.")).to_be_visible()
