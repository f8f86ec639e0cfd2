"""Whom somebody has blocked: what they write is not shown, and tells of nothing."""

from collections.abc import Callable

import pytest
from fake_api import FakeApi
from playwright.sync_api import expect
from visitor import Visitor

Visit = Callable[..., Visitor]


@pytest.fixture
def people(api: FakeApi, ada: Visit) -> FakeApi:
    """The services with grace and eve, who have said something."""
    api.add_message(api.add_user("grace"), "hello")
    api.add_message(api.add_user("eve"), "buy this")
    return api


def test_somebody_is_blocked_in_the_menu_and_unblocked_in_the_account(
    people: FakeApi, enter: Visit
) -> None:
    visitor = enter()
    visitor.act("buy this", "More about")
    visitor.button("Block eve").click()
    expect(visitor.messages).to_have_text(["hello"])
    line = visitor.page.locator(".blocked")
    expect(line).to_contain_text("Message of somebody you blocked")
    assert people.blocked == {1: [3]}
    visitor.button("Show").click()
    expect(visitor.messages).to_have_text(["hello", "buy this"])
    visitor.button("Account").click()
    visitor.button("Unblock eve").click()
    expect(visitor.dialog).to_contain_text("eve is blocked no more.")
    assert people.blocked == {1: []}


def test_it_holds_in_all_tabs_and_after_a_reload(people: FakeApi, enter: Visit) -> None:
    visitor = enter()
    expect(visitor.messages).to_have_count(2)
    people.set_block(1, 3, True)
    expect(visitor.messages).to_have_text(["hello"])
    people.fail("GET", "/users/me/blocked", 503)
    visitor.page.reload()
    expect(visitor.page.locator(".blocked")).to_have_count(1)
    expect(visitor.messages).to_have_text(["hello"])


def test_who_is_blocked_tells_of_nothing(people: FakeApi, enter: Visit) -> None:
    people.set_block(1, 3, True)
    conversation = people.add_room("", 1, 3, kind="direct")
    visitor = enter()
    expect(visitor.page.locator(".blocked")).to_have_count(1)
    visitor.hide()
    people.add_message(3, "look here, @ada")
    people.add_message(3, "psst", room=conversation)
    people.add_message(2, "good morning")
    expect(visitor.messages).to_have_text(["hello", "good morning"])
    expect(visitor.page).to_have_title("(1) MicroFlack")
    expect(visitor.page.get_by_role("log")).not_to_contain_text("look here")
    expect(visitor.rooms).to_have_text(["Everyone"])
    visitor.page.keyboard.press("Control+k")
    names = visitor.dialog.get_by_role("option").locator("bdi")
    expect(names).to_have_text(["Everyone", "eve", "grace"])
    visitor.page.keyboard.press("Escape")
    visitor.page.set_viewport_size({"width": 390, "height": 760})
    expect(visitor.button("Rooms and People")).to_have_text("Rooms and People")


def test_what_answers_somebody_who_is_blocked_does_not_quote_it(
    people: FakeApi, enter: Visit
) -> None:
    people.add_message(2, "no, thanks", reply_to=2)
    people.set_block(1, 3, True)
    visitor = enter()
    expect(visitor.messages).to_have_text(["hello", "no, thanks"])
    quote = visitor.page.locator(".quote")
    expect(quote).to_have_text("An answer to a message that is not here.")


def test_beside_an_older_users_service_nobody_can_be_blocked(
    people: FakeApi, enter: Visit
) -> None:
    people.knows_blocks = False
    visitor = enter()
    visitor.act("buy this", "More about")
    expect(visitor.button("Reply").last).to_be_visible()
    expect(visitor.button("Block eve")).to_have_count(0)
