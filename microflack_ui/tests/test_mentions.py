"""Mentioning people, and who is writing."""

from collections.abc import Callable

import pytest
from fake_api import FakeApi
from fake_live import FakeLive
from playwright.sync_api import expect
from visitor import Visitor, with_clock

Visit = Callable[..., Visitor]


@pytest.fixture
def grace(api: FakeApi, ada: Visit) -> int:
    """Somebody else, beside two with names like hers."""
    number = api.add_user("Grace")
    api.add_user("Great Ézra")
    api.add_user("zoe")
    return number


def test_a_nickname_is_completed_with_the_keyboard(
    api: FakeApi, enter: Visit, grace: int
) -> None:
    visitor = enter()
    visitor.composer.press_sequentially("hi @gr")
    people = visitor.page.get_by_role("listbox", name="People")
    options = people.locator("[role=option] bdi")
    expect(options).to_have_text(["Grace", "Great Ézra"])
    expect(people.get_by_role("option").first).to_have_attribute(
        "aria-selected", "true"
    )
    visitor.composer.press("ArrowDown")
    expect(visitor.composer).to_have_attribute("aria-activedescendant", "completion-1")
    visitor.composer.press("Enter")
    expect(visitor.composer).to_have_value("hi @Great Ézra ")
    expect(options).to_have_count(0)
    visitor.composer.press_sequentially("and @ezr")
    expect(options).to_have_text(["Great Ézra"])
    visitor.composer.press("Escape")
    expect(options).to_have_count(0)
    visitor.composer.press("Enter")
    expect(visitor.messages).to_have_text(["hi @Great Ézra and @ezr"])


def test_enter_sends_when_the_nickname_is_complete(
    api: FakeApi, enter: Visit, grace: int
) -> None:
    visitor = enter()
    visitor.composer.press_sequentially("hi @grace")
    expect(visitor.page.get_by_role("option")).to_have_count(0)
    visitor.composer.press("Enter")
    expect(visitor.messages).to_have_text(["hi @grace"])


def test_a_nickname_is_completed_with_a_click(enter: Visit, grace: int) -> None:
    visitor = enter()
    visitor.composer.press_sequentially("@z")
    visitor.page.get_by_role("option", name="zoe").click()
    expect(visitor.composer).to_have_value("@zoe ")
    expect(visitor.composer).to_be_focused()


def test_members_alone_are_offered_and_no_part_of_an_address(
    api: FakeApi, enter: Visit, grace: int
) -> None:
    api.add_room("design", 1, grace)
    visitor = enter()
    visitor.go_to("design")
    visitor.composer.press_sequentially("me@gr")
    expect(visitor.page.get_by_role("option")).to_have_count(0)
    with visitor.page.expect_response("**/members"):
        visitor.composer.press_sequentially(" @g")
    visitor.composer.press_sequentially("r")
    expect(visitor.page.locator("[role=option] bdi")).to_have_text(["Grace"])


def test_who_is_mentioned_is_marked_and_so_is_a_message_for_oneself(
    api: FakeApi, enter: Visit, grace: int
) -> None:
    visitor = enter()
    markup = "<p>@Ada and <em>@GRACE</em>, not <code>@ada</code> nor @adam</p>"
    api.add_message(grace, "@ada @grace", markup=markup)
    api.add_message(1, "nobody: a@b")
    expect(visitor.page.locator("mark.mention")).to_have_text(["@Ada", "@GRACE"])
    expect(visitor.page.locator(".message.for-me")).to_have_count(1)
    api.change_message(api.messages[0], "only @grace")
    expect(visitor.page.locator("mark.mention")).to_have_text(["@grace"])
    expect(visitor.page.locator(".message.for-me")).to_have_count(0)


def test_others_see_that_somebody_writes_until_the_message_is_there(
    api: FakeApi, live: FakeLive, enter: Visit, visit: Visit, grace: int
) -> None:
    first, second = enter(), visit()
    second.sign_in("Grace")
    live.wait_for(lambda: len(set(live.tokens.values()) - {""}) == 2)
    second.composer.press_sequentially("hello")
    expect(first.page.locator(".typing")).to_have_text("Grace is writing…")
    expect(second.page.locator(".typing")).to_have_text("")
    assert live.writers == [(1, grace)]
    second.composer.press("Enter")
    expect(first.messages).to_have_text(["hello"])
    expect(first.page.locator(".typing")).to_have_text("")


def test_who_stops_writing_is_not_shown_for_long(
    api: FakeApi, live: FakeLive, enter: Visit, grace: int
) -> None:
    visitor = with_clock(enter(alone=True), live)
    live.tell_typing(api.add_room("design", 1), grace + 2)
    for number in (grace, grace + 1):
        live.tell_typing(1, number)
    typing = visitor.page.locator(".typing")
    expect(typing).to_have_text("Grace and Great Ézra are writing…")
    visitor.page.clock.run_for(5_001)
    expect(typing).to_have_text("")


def test_an_older_service_is_not_told_who_writes(
    api: FakeApi, live: FakeLive, enter: Visit
) -> None:
    api.release = 10
    visitor = enter()
    visitor.composer.press_sequentially("hello")
    visitor.composer.press("Enter")
    expect(visitor.messages).to_have_text(["hello"])
    assert live.writers == []
