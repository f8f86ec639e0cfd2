"""Answers, reactions, and what is left of a deleted message."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from fake_api import FakeApi
from playwright.sync_api import expect
from visitor import Visitor

Visit = Callable[..., Visitor]


@pytest.fixture
def grace(api: FakeApi, ada: Visit) -> int:
    """Somebody else, who has asked something."""
    number = api.add_user("grace")
    api.add_message(number, "any news?")
    return number


def test_an_answer_quotes_and_leads_back(
    api: FakeApi, enter: Visit, grace: int
) -> None:
    visitor = enter()
    visitor.act("any news?", "Reply")
    bar = visitor.page.locator(".reply-bar")
    expect(bar).to_contain_text("Answering grace: any news?")
    expect(visitor.composer).to_be_focused()
    visitor.say("none")
    expect(bar).to_have_count(0)
    quote = visitor.page.locator(".quote")
    expect(quote).to_contain_text("graceany news?")
    assert api.messages[-1]["reply_to"] == 1
    quote.click()
    expect(visitor.page.locator(".message.target")).to_contain_text("any news?")
    assert visitor.page.url.endswith("/rooms/1/messages/1")
    visitor.page.go_back()
    expect(visitor.page.locator(".message.target")).to_have_count(0)


def test_an_answer_is_called_off_with_escape(
    api: FakeApi, enter: Visit, grace: int
) -> None:
    visitor = enter()
    visitor.act("any news?", "Reply")
    expect(visitor.page.locator(".reply-bar")).to_be_visible()
    visitor.composer.press("Escape")
    expect(visitor.page.locator(".reply-bar")).to_have_count(0)
    visitor.say("no answer")
    expect(visitor.messages).to_have_count(2)
    assert api.messages[-1]["reply_to"] is None


def test_what_is_quoted_from_long_ago_is_asked_for_once_and_followed(
    api: FakeApi, enter: Visit, grace: int
) -> None:
    for number in range(60):
        api.add_message(grace, f"message {number}")
    for text in ("one", "two"):
        api.add_message(1, text, reply_to=1)
    visitor = enter(viewport={"width": 900, "height": 500})
    quotes = visitor.page.locator(".quote")
    expect(quotes).to_contain_text(["any news?", "any news?"])
    paths = [path for _, path, _ in api.requests]
    assert paths.count("/messages/1") == 1
    api.change_message(api.messages[0], "any good news?")
    expect(quotes).to_contain_text(["any good news?"] * 2)
    api.delete_message(api.messages[0])
    expect(quotes).to_contain_text(["This message was deleted."] * 2)
    quotes.last.click()
    expect(visitor.page.locator(".message.target")).to_be_in_viewport()


def test_a_reaction_is_seen_by_all_and_taken_back(
    api: FakeApi, enter: Visit, visit: Visit, grace: int
) -> None:
    first, second = enter(), visit()
    second.sign_in("grace")
    first.act("any news?", "React")
    first.dialog.get_by_role("button", name="party").click()
    reaction = second.page.locator(".reaction")
    expect(reaction).to_have_text("🎉 1")
    expect(reaction).to_have_accessible_name("party: 1 person")
    reaction.click()
    expect(first.page.locator(".reaction")).to_have_text("🎉 2")
    expect(reaction).to_have_attribute("aria-pressed", "true")
    first.page.locator(".reaction").hover()
    expect(first.page.locator(".reaction")).to_have_attribute("title", "ada, grace")
    reaction.click()
    expect(first.page.locator(".reaction")).to_have_text("🎉 1")


def test_any_emoji_can_be_a_reaction_and_nothing_else(
    api: FakeApi, enter: Visit, grace: int
) -> None:
    visitor = enter()
    for text in ("🦆", "duck"):
        visitor.act("any news?", "React")
        visitor.dialog.get_by_label("Another emoji").fill(text)
        visitor.dialog.get_by_label("Another emoji").press("Enter")
        expect(visitor.dialog).to_have_count(0)
    expect(visitor.page.get_by_role("alert")).to_have_text(
        "A reaction must be one emoji."
    )
    expect(visitor.page.locator(".reaction")).to_have_text("🦆 1")
    visitor.button("Dismiss").click()
    expect(visitor.page.get_by_role("alert")).to_have_count(0)


def test_a_deleted_message_leaves_a_trace(
    api: FakeApi, enter: Visit, visit: Visit, grace: int
) -> None:
    api.add_message(1, "a secret")
    first, second = enter(), visit()
    second.sign_in("grace")
    expect(second.messages.last).to_have_text("a secret")
    first.act("a secret", "More about")
    first.dialog.get_by_role("button", name="Delete").click()
    expect(first.dialog).to_contain_text("a secret")
    first.dialog.get_by_role("button", name="Delete").click()
    expect(first.dialog).to_have_count(0)
    for visitor in (first, second):
        expect(visitor.messages.last).to_have_text("This message was deleted.")
    trace = first.page.locator(".message").last
    expect(trace.get_by_role("button")).to_have_count(0)
    first.composer.press("ArrowUp")
    expect(first.editor).to_have_count(0)


def test_a_message_is_kept_when_somebody_thinks_again(
    api: FakeApi, enter: Visit, grace: int
) -> None:
    api.add_message(1, "a secret")
    visitor = enter()
    visitor.act("a secret", "More about")
    visitor.dialog.get_by_role("button", name="Delete").click()
    visitor.dialog.get_by_role("button", name="Keep it").click()
    expect(visitor.dialog).to_have_count(0)
    assert not api.messages[-1]["deleted"]


def test_others_messages_are_deleted_by_admins_only(
    api: FakeApi, enter: Visit, grace: int
) -> None:
    visitor = enter()
    visitor.act("any news?", "More about")
    expect(visitor.dialog.get_by_role("button", name="Reply")).to_be_visible()
    expect(visitor.dialog.get_by_role("button", name="Delete")).to_have_count(0)
    api.change_user(1, admin=True)
    visitor.dialog.get_by_role("button", name="Delete").click()
    visitor.dialog.get_by_role("button", name="Delete").click()
    expect(visitor.messages).to_have_text(["This message was deleted."])


def test_an_edited_message_says_so_and_when(
    api: FakeApi, enter: Visit, grace: int
) -> None:
    visitor = enter()
    expect(visitor.page.locator(".edited-mark")).to_have_count(0)
    api.change_message(api.messages[0], "any good news?")
    mark = visitor.page.locator(".edited-mark")
    at = datetime.fromtimestamp(api.messages[0]["edited_at"], UTC)
    expect(mark).to_have_text(f"edited {at.hour}:{at:%M}")


def test_a_message_has_a_link_to_hand_on(
    api: FakeApi, enter: Visit, grace: int
) -> None:
    visitor = enter()
    visitor.act("any news?", "More about")
    link = visitor.dialog.get_by_label("Link to this message")
    expect(link).to_have_value(f"{visitor.url}rooms/1/messages/1")
