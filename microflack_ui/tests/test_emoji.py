"""Emojis by their names, and by a look."""

from collections.abc import Callable
from typing import Any

import pytest
from fake_api import FakeApi
from playwright.sync_api import expect
from test_axe import violations
from visitor import Visitor

Visit = Callable[..., Visitor]
Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("hi :smi", "smi"),
        ("(:SMI", "smi"),
        (":+1", "+1"),
        (":tada:", "tada"),
        ("no :) nor :D", None),
        ("at 10:30", None),
        ("std::vector", None),
        ("http://a", None),
        (": smi", None),
        (":smi le", None),
    ],
)
def test_a_name_is_being_written(run: Run, text: str, name: str | None) -> None:
    body = "return module.emojiAt(argument, argument.length)?.query ?? null;"
    assert run("emoji_names", body, text) == name


def test_emojis_are_written_in_full(run: Run) -> None:
    # As codes of the package, and by them.
    codes = {
        "2764": "\u2764\ufe0f",
        "1F44D": "\U0001f44d",
        "0031-FE0F-20E3": "1\ufe0f\u20e3",
        "1F937-200D-2642-FE0F": "\U0001f937\u200d\u2642\ufe0f",
        "1F1EB-1F1F7": "\U0001f1eb\U0001f1f7",
    }
    body = "return module.namesIn(argument).map(({ name, emoji }) => [name, emoji]);"
    found = run("emoji_names", body, {one: f"n{one}" for one in codes})
    assert dict(found) == {f"n{one}": emoji for one, emoji in codes.items()}


def test_a_name_is_completed_with_the_keyboard(enter: Visit) -> None:
    visitor = enter()
    with visitor.page.expect_response("**/emojibase-data/*"):
        visitor.composer.press_sequentially("so :smi")
    offered = visitor.page.get_by_role("listbox", name="Emojis")
    options = offered.get_by_role("option")
    expect(options.first).to_have_text("😄:smile:")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert violations(visitor.page) == []
    visitor.composer.press("ArrowDown")
    visitor.composer.press("ArrowUp")
    visitor.composer.press("Enter")
    expect(visitor.composer).to_have_value("so 😄")
    expect(offered).to_have_count(0)
    visitor.composer.press_sequentially(" and :hear")
    expect(options.first).to_have_text("❤️:heart:")
    visitor.composer.press("Escape")
    visitor.composer.press("Enter")
    expect(visitor.messages).to_have_text(["so 😄 and :hear"])


def test_a_whole_name_becomes_the_emoji(enter: Visit) -> None:
    visitor = enter()
    visitor.composer.press_sequentially("done :tada:")
    expect(visitor.composer).to_have_value("done 🎉")
    visitor.composer.press_sequentially(" :nothing:")
    visitor.composer.press("Enter")
    expect(visitor.messages).to_have_text(["done 🎉 :nothing:"])


def test_names_that_cannot_be_loaded_are_sent_as_they_are(enter: Visit) -> None:
    visitor = enter(alone=True)
    visitor.page.route("**/emojibase-data/*", lambda route: route.abort())
    visitor.composer.press_sequentially("done :tada:")
    visitor.composer.press("Enter")
    expect(visitor.messages).to_have_text(["done :tada:"])


def test_an_emoji_is_chosen_for_where_the_caret_is(enter: Visit) -> None:
    visitor = enter()
    visitor.composer.fill("well done")
    for _ in "done":
        visitor.composer.press("ArrowLeft")
    visitor.button("Emoji").click()
    visitor.dialog.get_by_role("button", name="party").click()
    expect(visitor.composer).to_have_value("well 🎉done")
    expect(visitor.composer).to_be_focused()
    visitor.page.keyboard.type(" ")
    expect(visitor.composer).to_have_value("well 🎉 done")


def test_an_emoji_is_found_by_its_name(api: FakeApi, enter: Visit) -> None:
    api.add_message(api.add_user("grace"), "hello")
    visitor = enter()
    visitor.act("hello", "React")
    field = visitor.dialog.get_by_label("Name of an emoji")
    field.fill("not there")
    expect(visitor.dialog.get_by_role("status")).to_have_text("No emoji has this name.")
    field.fill("snowb")
    expect(visitor.dialog.locator(".emoji")).to_have_text(["🏂"])
    field.press("Enter")
    expect(visitor.page.locator(".reaction")).to_have_text("🏂 1")
