"""The screens that people have, and the main states of the page on them."""

from collections.abc import Iterator
from typing import Any

from fake_api import FakeApi
from playwright.sync_api import expect
from visitor import Visitor

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 760},
    "has_touch": True,
    "is_mobile": True,
}
# The width and height of 1280 x 1024 at 400 %.
MAGNIFIED: dict[str, Any] = {"viewport": {"width": 320, "height": 256}}


def states(api: FakeApi, visitor: Visitor, count: int = 3) -> Iterator[str]:
    """Bring the page into its main states, one after the other.

    ``count`` messages are there, the last one of ada.
    """
    page = visitor.page
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    yield "signing in"
    visitor.button("Create an account").click()
    page.get_by_label("Password").fill("password")
    expect(page.locator("meter")).to_be_visible()
    yield "registering"
    visitor.button("Sign in").click()
    visitor.sign_in("ada")
    expect(visitor.messages).to_have_count(count)
    yield "chatting"
    visitor.composer.press("ArrowUp")
    expect(visitor.editor).to_be_focused()
    yield "editing"
    visitor.editor.press("Escape")
    page.context.set_offline(True)
    visitor.say("offline")
    expect(visitor.outgoing).to_contain_text("Not sent yet.")
    yield "offline"
    page.context.set_offline(False)
    expect(visitor.messages).to_have_count(count + 1)
    yield from _dialogs(visitor)


def _dialogs(visitor: Visitor) -> Iterator[str]:
    """Open all that opens over the chat."""
    page = visitor.page
    narrow = visitor.button("People").is_visible()
    for name in ("Account", "Admin", "New room", "Search", "Go to…"):
        if narrow:
            visitor.button("People").click()
            expect(visitor.button("Sign out")).to_be_visible()
            if name == "Account":
                yield "people"
        visitor.button(name).click()
        expect(visitor.dialog).to_be_visible()
        if name in ("Account", "Admin"):
            expect(visitor.dialog.get_by_role("listitem").first).to_be_visible()
        yield name
        if name == "Admin":
            yield from _parts(visitor)
        page.keyboard.press("Escape")
        expect(visitor.dialog).to_have_count(0)
    for name in ("day", "details", "message", "react"):
        _open(visitor, name)
        expect(visitor.dialog).to_be_visible()
        yield name
        page.keyboard.press("Escape")
        expect(visitor.dialog).to_have_count(0)


def _parts(visitor: Visitor) -> Iterator[str]:
    """Show the other parts of what admins do."""
    for name in ("Invitations", "Rooms", "Stored"):
        visitor.page.get_by_role("tab", name=name).click()
        expect(visitor.page.get_by_role("tabpanel", name=name)).to_be_visible()
        yield f"Admin: {name}"


def _open(visitor: Visitor, name: str) -> None:
    if name == "details":
        visitor.page.locator(".title-button").click()
        return
    if name == "day":
        visitor.button("Go to a day").click()
        return
    last = visitor.page.locator(".message").last
    last.hover()
    last.get_by_role("button", name="More about").click()
    if name == "react":
        visitor.button("More emojis").click()
        expect(visitor.dialog.get_by_label("Another emoji")).to_be_visible()
