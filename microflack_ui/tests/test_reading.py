"""What is new to a reader, and how far they have read."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from fake_api import FakeApi
from fake_data import EVERYONE
from fake_live import FakeLive
from playwright.sync_api import expect
from visitor import Visitor

Visit = Callable[..., Visitor]
DAY = 24 * 60 * 60


@pytest.fixture
def design(api: FakeApi, ada: Visit) -> int:
    """The room "design": ada has read its first message and not the others."""
    grace = api.add_user("grace")
    room = api.add_room("design", grace)
    api.add_message(grace, "read", time.time() - 3 * DAY, room=room)
    api.enter_room(room, 1)
    api.add_message(grace, "unread", time.time() - 2 * DAY, room=room)
    api.add_message(grace, "and this", room=room)
    return room


def test_a_line_says_since_when_there_is_something_new(
    api: FakeApi, live: FakeLive, enter: Visit, design: int
) -> None:
    visitor = enter()
    visitor.go_to("design")
    weekday = datetime.fromtimestamp(time.time() - 2 * DAY, UTC).strftime("%A")
    line = visitor.page.locator(".unread-line")
    expect(line).to_have_text(f"New since {weekday}")
    group = visitor.page.locator(".group").filter(has=line)
    expect(group.locator(".body")).to_have_text(["unread"])
    # It stays until the room is left.
    live.wait_for(lambda: read_up_to(api, design) == 3)
    expect(line).to_be_visible()
    visitor.go_to("Everyone")
    visitor.go_to("design")
    expect(visitor.messages).to_have_count(3)
    expect(line).to_have_count(0)


def read_up_to(api: FakeApi, room: int) -> int:
    """Return how far ada has read in a room, as the server knows."""
    return int(api.rooms[room - 1]["members"][1]["read_up_to"])


def test_what_is_in_view_is_read_and_other_tabs_know(
    api: FakeApi, live: FakeLive, enter: Visit, visit: Visit, design: int
) -> None:
    first, second = enter(), visit()
    second.sign_in("ada")
    expect(second.room("design")).to_contain_text("2 unread")
    first.go_to("design")
    expect(second.room("design")).not_to_contain_text("unread")
    live.wait_for(lambda: read_up_to(api, design) == 3)
    api.add_message(2, "now", room=design)
    live.wait_for(lambda: read_up_to(api, design) == 4)


def test_what_is_out_of_sight_is_not_read(
    api: FakeApi, live: FakeLive, enter: Visit, design: int
) -> None:
    visitor = enter()
    expect(visitor.room("design")).to_contain_text("2 unread")
    visitor.hide()
    visitor.go_to("design")
    expect(visitor.messages).to_have_count(3)
    api.add_message(2, "now", room=design)
    expect(visitor.messages).to_have_count(4)
    assert read_up_to(api, design) == 1
    visitor.hide(False)
    live.wait_for(lambda: read_up_to(api, design) == 4)


def test_a_room_with_much_that_is_new_opens_where_that_begins(
    api: FakeApi, enter: Visit, live: FakeLive, design: int
) -> None:
    for number in range(30):
        api.add_message(2, f"message {number}", room=design)
    visitor = enter(viewport={"width": 900, "height": 500})
    visitor.go_to("design")
    expect(visitor.page.locator(".unread-line")).to_be_in_viewport()
    expect(visitor.messages.last).not_to_be_in_viewport()
    assert read_up_to(api, design) == 1
    visitor.scroller.evaluate("box => { box.scrollTop = box.scrollHeight; }")
    live.wait_for(lambda: read_up_to(api, design) == len(api.messages))


def test_a_room_with_very_much_that_is_new_opens_there_too_until_one_has_enough(
    api: FakeApi, enter: Visit, live: FakeLive, design: int
) -> None:
    for number in range(90):
        api.add_message(2, f"message {number}", room=design)
    visitor = enter(viewport={"width": 900, "height": 500})
    expect(visitor.room("design")).to_contain_text("92 unread")
    visitor.go_to("design")
    expect(visitor.page.locator(".unread-line")).to_be_in_viewport()
    expect(visitor.page.get_by_text("message 89")).to_have_count(0)
    visitor.button("Latest messages").click()
    expect(visitor.messages.last).to_have_text("message 89")
    expect(visitor.messages.last).to_be_in_viewport()
    live.wait_for(lambda: read_up_to(api, design) == len(api.messages))


def test_what_could_not_be_told_is_told_later(
    api: FakeApi, live: FakeLive, enter: Visit, design: int
) -> None:
    visitor = enter()
    path = f"/rooms/{design}/read"
    api.fail("PUT", path, 503)
    visitor.go_to("design")
    live.wait_for(lambda: any(path in one[1] for one in api.requests))
    expect(visitor.room("design")).not_to_contain_text("unread")
    api.recover()
    visitor.poll()
    live.wait_for(lambda: read_up_to(api, design) == 3)


def test_the_room_of_everybody_is_read_like_the_others(
    api: FakeApi, live: FakeLive, enter: Visit, design: int
) -> None:
    visitor = enter()
    visitor.go_to("design")
    api.add_message(2, "hello all")
    expect(visitor.room("Everyone")).to_contain_text("1 unread")
    visitor.go_to("Everyone")
    expect(visitor.page.locator(".unread-line")).to_be_visible()
    live.wait_for(lambda: read_up_to(api, EVERYONE) == len(api.messages))


def test_each_room_has_a_draft_that_outlives_a_reload(
    enter: Visit, design: int
) -> None:
    visitor = enter()
    visitor.composer.fill("to everybody")
    visitor.go_to("design")
    expect(visitor.composer).to_have_value("")
    visitor.composer.fill("to designers")
    visitor.go_to("Everyone")
    expect(visitor.composer).to_have_value("to everybody")
    visitor.page.reload()
    expect(visitor.composer).to_have_value("to everybody")
    visitor.go_to("design")
    expect(visitor.composer).to_have_value("to designers")


def test_an_older_page_finds_nothing_of_other_rooms_to_send(
    api: FakeApi, enter: Visit, design: int
) -> None:
    visitor = enter()
    visitor.go_to("design")
    visitor.page.context.set_offline(True)
    visitor.say("for designers")
    expect(visitor.outgoing).to_contain_text("Not sent yet.")
    visitor.composer.fill("half a thought")
    # The names under which releases of before look.
    kept = visitor.page.evaluate(
        "Object.keys(localStorage).filter(key => /\\.(outbox|draft)\\./.test(key))"
    )
    assert kept == []
    visitor.page.context.set_offline(False)
    expect(visitor.messages.last).to_have_text("for designers")
    assert api.messages[-1]["room_id"] == design
