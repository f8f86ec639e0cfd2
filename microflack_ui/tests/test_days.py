"""Going to a day of the conversation."""

import time
from collections.abc import Callable

import pytest
from fake_api import FakeApi
from playwright.sync_api import expect
from visitor import Visitor

Visit = Callable[..., Visitor]
DAY = 24 * 60 * 60


@pytest.fixture
def noon(api: FakeApi) -> int:
    """The noon of ten days ago, at which grace began to speak every fifth day."""
    grace = api.add_user("grace")
    begin = (int(time.time()) // DAY - 10) * DAY + DAY // 2
    for number in range(3):
        for hour in range(40):
            at = begin + number * 5 * DAY + hour * 60
            at = min(at, int(time.time()) - 1)
            api.add_message(grace, f"day {number}, {hour}", at=at)
    return begin


def go_to(visitor: Visitor, seconds: int) -> None:
    """Go to a day by the keyboard alone."""
    button = visitor.button("Go to a day")
    button.focus()
    button.press("Enter")
    field = visitor.dialog.get_by_label("Day")
    expect(field).to_be_focused()
    field.fill(time.strftime("%Y-%m-%d", time.gmtime(seconds)))
    field.press("Enter")
    expect(visitor.dialog).to_have_count(0)


def test_a_day_leads_to_its_first_message_and_has_an_address(
    enter: Visit, noon: int
) -> None:
    visitor = enter()
    go_to(visitor, noon + 5 * DAY)
    target = visitor.page.locator(".message.target")
    expect(target).to_contain_text("day 1, 0")
    expect(target).to_be_in_viewport()
    expect(target).to_be_focused()
    expect(visitor.page).to_have_url(f"{visitor.url}rooms/1/messages/41")
    visitor.page.go_back()
    expect(visitor.page).to_have_url(visitor.url)


def test_a_day_without_messages_leads_to_the_next_ones(enter: Visit, noon: int) -> None:
    visitor = enter()
    go_to(visitor, noon - DAY)
    expect(visitor.page.locator(".message.target")).to_contain_text("day 0, 0")
    go_to(visitor, noon + DAY)
    expect(visitor.page.locator(".message.target")).to_contain_text("day 1, 0")


def test_a_day_after_all_that_was_said_leads_to_the_end(
    api: FakeApi, enter: Visit, noon: int
) -> None:
    room = api.add_room("design", 2, 1)
    for number in range(60):
        api.add_message(2, f"sketch {number}", at=noon + number, room=room)
    visitor = enter()
    visitor.go_to("design")
    visitor.page.goto(f"{visitor.url}rooms/{room}/messages/121")
    expect(visitor.page.locator(".message.target")).to_contain_text("sketch 0")
    go_to(visitor, noon + 2 * DAY)
    expect(visitor.messages.last).to_have_text("sketch 59")
    expect(visitor.messages.last).to_be_in_viewport()
    expect(visitor.page).to_have_url(f"{visitor.url}rooms/{room}")


def test_what_fails_is_said_and_nothing_moves(enter: Visit, noon: int) -> None:
    visitor = enter()
    visitor.page.route(
        "**/api/messages?*around_time=*",
        lambda route: route.fulfill(status=503, json={"error": "Busy."}),
    )
    visitor.button("Go to a day").click()
    visitor.button("Go there").click()
    expect(visitor.dialog.get_by_role("alert")).to_have_text("Busy.")
    expect(visitor.page).to_have_url(visitor.url)


def test_beside_an_older_service_there_is_nothing_to_go_by(
    api: FakeApi, ada: Visit
) -> None:
    api.release = 10
    visitor = ada()
    expect(visitor.title).to_have_text("Everyone")
    expect(visitor.button("Go to a day")).to_have_count(0)
