"""What a visit costs: requests and bytes."""

from collections.abc import Callable
from typing import Any

from fake_api import FakeApi
from playwright.sync_api import BrowserContext, Page, Route, expect
from visitor import Visitor

Visit = Callable[..., Visitor]

MAX_REQUESTS = 15
MAX_BYTES = 120_000
FILES = """() => [...performance.getEntriesByType("navigation"),
    ...performance.getEntriesByType("resource")].map((one) =>
    ({ url: one.name, bytes: one.transferSize }))"""


def opened(context: BrowserContext, url: str) -> tuple[Page, list[dict[str, Any]]]:
    """Open the page until a message is drawn; return what was loaded for that."""
    page = context.new_page()
    page.goto(url)
    expect(page.locator(".message")).to_have_count(1)
    return page, page.evaluate(FILES)


def test_a_first_visit_needs_few_requests_and_the_next_one_only_the_page(
    api: FakeApi, ada: Visit, browser: Any
) -> None:
    api.add_user("grace")
    api.add_message(2, "hello")
    state = ada().page.context.storage_state()
    with browser.new_context(storage_state=state) as context:
        page, first = opened(context, str(state["origins"][0]["origin"]))
        loaded = [one for one in first if one["bytes"]]
        assert len(loaded) <= MAX_REQUESTS, loaded
        assert sum(one["bytes"] for one in loaded) <= MAX_BYTES
        page.close()
        _, again = opened(context, str(state["origins"][0]["origin"]))
        files = [one for one in again if "/api/" not in one["url"]]
        files = [one for one in files if "/socket.io/" not in one["url"]]
        from_network = [one for one in files if one["bytes"]]
        assert len(files) > 5
        assert [one["url"] for one in from_network] in ([files[0]["url"]], [])


class Gate:
    """After a sign-in lets the first request to each of some endpoints through only."""

    def __init__(self, page: Page, *paths: str) -> None:
        self.left = set(paths)
        self._held: list[Route] = []
        self._signs_in = False
        page.route("**/api/**", self._take)
        page.route("**/socket.io/**", self._hold)

    def _hold(self, route: Route) -> None:
        self._held.append(route)

    def _take(self, route: Route) -> None:
        path = route.request.url.partition("/api/")[2].partition("?")[0]
        if not self._signs_in:
            # Before that the page asks whether who is not signed in may read.
            self._signs_in = path == "tokens"
            route.continue_()
        elif path in self.left:
            self.left.remove(path)
            route.continue_()
        else:
            self._hold(route)

    def open(self) -> None:
        """Let the others through, too."""
        for route in self._held:
            route.continue_()


def test_three_requests_after_signing_in_show_the_first_screen(
    api: FakeApi, visit: Visit
) -> None:
    for name in ("ada", "grace"):
        api.add_user(name)
    den = api.add_room("den", 1, 2, kind="private")
    for number in range(60):
        api.add_message(1 + number % 2, f"message {number}")
    api.add_message(2, "a secret", room=den)
    visitor = visit()
    gate = Gate(visitor.page, "users", "rooms", "messages")
    visitor.fill_in("ada")
    expect(visitor.messages.last).to_have_text("message 59")
    expect(visitor.room("den")).to_contain_text("1")
    people = visitor.page.get_by_role("list", name="People")
    expect(people.get_by_text("grace")).to_be_attached()
    assert not gate.left
    gate.open()


# Milliseconds from the request for the page until a message is on the screen.
DRAWN = """window.drawn = new Promise((resolve) =>
    new MutationObserver((changes, observer) => {
        if (!document.querySelector(".message")) return;
        observer.disconnect();
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
    }).observe(document, { childList: true, subtree: true }));"""


def drawn_after(context: BrowserContext, url: str) -> int:
    """Open the page and return after how many milliseconds a message is drawn."""
    page = context.new_page()
    page.add_init_script(DRAWN)
    page.goto(url)
    found = page.evaluate("() => window.drawn")
    page.close()
    return round(found)


def test_a_message_is_drawn_without_a_click(
    api: FakeApi, ada: Visit, browser: Any
) -> None:
    api.add_user("grace")
    api.add_message(2, "hello")
    state = ada().page.context.storage_state()
    origin = str(state["origins"][0]["origin"])
    with browser.new_context(storage_state=state) as context:
        for visit in ("first", "next"):
            taken = drawn_after(context, origin)
            print(f"{visit} visit: a message is drawn after {taken} ms")
            assert taken > 0
