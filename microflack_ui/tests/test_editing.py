"""Changing what one has written."""

from collections.abc import Callable

from fake_api import FakeApi
from playwright.sync_api import expect
from visitor import Visitor

Visit = Callable[..., Visitor]


def test_the_last_own_message_is_edited_with_the_keyboard_alone(
    api: FakeApi, ada: Visit
) -> None:
    api.add_message(1, "helo")
    api.add_message(api.add_user("grace"), "not mine")
    visitor = ada()
    keyboard = visitor.page.keyboard
    expect(visitor.composer).to_be_focused()
    expect(visitor.messages).to_have_count(2)
    keyboard.press("ArrowUp")
    expect(visitor.editor).to_be_focused()
    keyboard.press("Home")
    keyboard.type("Oh, ")
    keyboard.press("Enter")
    expect(visitor.messages).to_have_text(["Oh, helo", "not mine"])
    expect(visitor.composer).to_be_focused()
    assert api.messages[0]["source"] == "Oh, helo"


def test_escape_leaves_a_message_as_it_was(api: FakeApi, ada: Visit) -> None:
    api.add_message(1, "fine")
    visitor = ada()
    expect(visitor.messages).to_have_count(1)
    visitor.composer.press("ArrowUp")
    visitor.editor.fill("worse")
    visitor.editor.press("Escape")
    expect(visitor.messages).to_have_text(["fine"])
    expect(visitor.composer).to_be_focused()
    assert api.messages[0]["source"] == "fine"


def test_an_edit_that_fails_keeps_the_text_and_says_why(
    api: FakeApi, ada: Visit
) -> None:
    api.add_message(1, "helo")
    visitor = ada()
    visitor.messages.hover()
    visitor.button("Edit your message").click()
    api.fail("PUT", "/messages", 503, "The database is away.")
    visitor.editor.fill("hello")
    visitor.editor.press("Enter")
    alert = visitor.page.get_by_role("alert")
    expect(alert).to_have_text("Not saved. The database is away.")
    api.recover()
    visitor.button("Save").click()
    expect(visitor.messages).to_have_text(["hello"])


def test_others_messages_offer_no_editing_but_show_their_edits(
    api: FakeApi, ada: Visit
) -> None:
    message = api.add_message(api.add_user("grace"), "helo")
    visitor = ada()
    expect(visitor.messages).to_have_text(["helo"])
    expect(visitor.button("Edit your message")).to_have_count(0)
    api.change_message(message, "hello")
    visitor.poll()
    expect(visitor.messages).to_have_text(["hello"])
