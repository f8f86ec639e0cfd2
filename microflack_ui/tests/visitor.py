"""Somebody who uses the page: what they do and see, by the names things have there."""

from fake_api import FakeApi
from fake_live import FakeLive
from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

CHANGED = "ERR_NETWORK_CHANGED"
UNANSWERED = ("Failed to load resource", "WebSocket connection to")


class Visitor:
    """A browser window that shows the page."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url.rstrip("/") + "/"
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", self._listen)
        self._open(url)

    def _open(self, url: str) -> None:
        # Chromium gives up all that it loads when the machine's network changes, as it
        # does when a container starts somewhere.
        given_up: list[Request] = []
        self.page.on(
            "requestfailed",
            lambda one: given_up.append(one) if CHANGED in str(one.failure) else None,
        )
        for _ in range(3):
            given_up.clear()
            self.page.goto(url)
            if not given_up:
                return

    def _listen(self, message: ConsoleMessage) -> None:
        # An answer with an error status is what some tests are about.
        if message.type == "error" and not message.text.startswith(UNANSWERED):
            self.problems.append(message.text)

    def fill_in(self, nickname: str, password: str = "open sesame") -> None:
        """Fill in the form and send it with the Enter key."""
        self.page.get_by_label("Nickname").fill(nickname)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_label("Password").press("Enter")

    def sign_in(self, nickname: str, password: str = "open sesame") -> None:
        """Sign in and wait until the conversation is up to date."""
        self.fill_in(nickname, password)
        expect(self.connection).to_have_text("Online")

    def say(self, text: str) -> None:
        """Write a message and send it with the Enter key."""
        self.composer.fill(text)
        self.composer.press("Enter")

    def poll(self) -> None:
        """Make the page ask for news now, as it does when it is looked at again."""
        self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    def hide(self, hidden: bool = True) -> None:
        """Turn to another tab, or come back."""
        self.page.evaluate(
            "hidden => Object.defineProperty(document, 'hidden',"
            " { value: hidden, configurable: true })",
            hidden,
        )
        self.poll()

    def logic(self, module: str, body: str, argument: object = None) -> object:
        """Return what a function body makes of a module of the page's logic."""
        return self.page.evaluate(
            "async ([name, argument]) => {"
            " const entry = document.querySelector('script[type=module]').src;"
            f" const module = await import(new URL(name, entry)); {body} }}",
            [f"logic/{module}.js", argument],
        )

    @property
    def composer(self) -> Locator:
        """The field for a new message."""
        return self.page.get_by_label("Message", exact=True)

    @property
    def editor(self) -> Locator:
        """The field that changes a message."""
        return self.page.get_by_label("Edit your message", exact=True)

    @property
    def connection(self) -> Locator:
        """The words that tell the state of the connection."""
        return self.page.locator(".connection [role=status]")

    @property
    def scroller(self) -> Locator:
        """The part of the page that scrolls."""
        return self.page.get_by_role("region", name="Conversation")

    @property
    def messages(self) -> Locator:
        """The stored messages."""
        return self.page.locator(".message .body")

    @property
    def outgoing(self) -> Locator:
        """The messages that are not stored yet."""
        return self.page.locator(".outgoing")

    @property
    def title(self) -> Locator:
        """The name of the room that is shown."""
        return self.page.locator("h1 bdi, h1:not(:has(bdi))")

    @property
    def dialog(self) -> Locator:
        """What is open over the page."""
        return self.page.get_by_role("dialog")

    @property
    def rooms(self) -> Locator:
        """The names in the list of rooms, in their order."""
        return self.page.locator(".room-name")

    def room(self, name: str) -> Locator:
        """The line of a room in the list of rooms."""
        return self.page.locator(".room").filter(has_text=name)

    def go_to(self, name: str) -> None:
        """Choose a room in the list."""
        self.room(name).get_by_role("link").click()
        expect(self.title).to_have_text(name)

    def act(self, text: str, what: str) -> None:
        """Press a button beside the message that has this text."""
        message = self.page.locator(".message").filter(has_text=text)
        message.hover()
        message.get_by_role("button", name=what).click()

    def button(self, name: str) -> Locator:
        """The button of this name."""
        return self.page.get_by_role("button", name=name)


def with_clock(visitor: Visitor, live: FakeLive) -> Visitor:
    """Load the page again with a clock that the test moves, and connect again."""
    visitor.page.clock.install()
    visitor.page.reload()
    live.wait_for(lambda: live.connections == 2 and all(live.tokens.values()))
    expect(visitor.connection).to_have_text("Online")
    return visitor


def keys_of(api: FakeApi) -> list[str]:
    """Return the Idempotency-Keys of all attempts to send."""
    posts = [headers for method, path, headers in api.requests if method == "POST"]
    return [post["Idempotency-Key"] for post in posts if "Idempotency-Key" in post]
