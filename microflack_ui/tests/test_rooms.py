"""The list of rooms, and going from one to another."""

import re
from collections.abc import Callable

import pytest
from fake_api import FakeApi
from fake_live import FakeLive
from playwright.sync_api import expect
from visitor import Visitor

Visit = Callable[..., Visitor]


@pytest.fixture
def design(api: FakeApi, ada: Visit) -> int:
    """The room "design", with ada and grace in it, and a message."""
    grace = api.add_user("grace")
    room = api.add_room("design", grace, 1)
    api.add_message(grace, "a sketch", room=room)
    return room


def test_a_room_shows_its_own_messages_and_address(
    api: FakeApi, enter: Visit, design: int
) -> None:
    api.add_message(1, "to everybody")
    visitor = enter()
    expect(visitor.messages).to_have_text(["to everybody"])
    visitor.go_to("design")
    expect(visitor.messages).to_have_text(["a sketch"])
    assert visitor.page.url.endswith(f"/rooms/{design}")
    expect(visitor.page).to_have_title("design · MicroFlack")
    visitor.say("nice")
    expect(visitor.messages).to_have_text(["a sketch", "nice"])
    assert api.messages[-1]["room_id"] == design
    visitor.go_to("Everyone")
    expect(visitor.messages).to_have_text(["to everybody"])
    expect(visitor.page).to_have_url(visitor.url)


def test_back_and_forward_lead_through_rooms_and_a_reload_stays(
    enter: Visit, design: int
) -> None:
    visitor = enter()
    visitor.go_to("design")
    visitor.page.go_back()
    expect(visitor.title).to_have_text("Everyone")
    visitor.page.go_forward()
    expect(visitor.title).to_have_text("design")
    visitor.page.reload()
    expect(visitor.title).to_have_text("design")
    expect(visitor.messages).to_have_text(["a sketch"])


def test_what_came_meanwhile_is_there_when_somebody_returns(
    api: FakeApi, enter: Visit, design: int
) -> None:
    visitor = enter()
    visitor.go_to("design")
    expect(visitor.messages).to_have_text(["a sketch"])
    visitor.go_to("Everyone")
    api.add_message(2, "another", room=design)
    api.change_message(api.messages[0], "a drawing")
    visitor.go_to("design")
    expect(visitor.messages).to_have_text(["a drawing", "another"])


def test_unread_rooms_come_first_and_say_how_many(
    api: FakeApi, enter: Visit, design: int
) -> None:
    for name in ("alpha", "zeta"):
        api.add_room(name, 2, 1)
    visitor = enter()
    expect(visitor.rooms).to_have_text(["design", "Everyone", "alpha", "zeta"])
    expect(visitor.room("design")).to_contain_text("1 unread")
    api.add_message(2, "look here, @ada", room=4)
    expect(visitor.rooms).to_have_text(["zeta", "design", "Everyone", "alpha"])
    expect(visitor.room("zeta").locator(".badge")).to_have_text("@1")
    visitor.go_to("zeta")
    expect(visitor.rooms).to_have_text(["design", "Everyone", "alpha", "zeta"])


def test_what_is_unread_is_counted_without_asking(
    api: FakeApi, live: FakeLive, enter: Visit, design: int
) -> None:
    visitor = enter()
    expect(visitor.room("design")).to_contain_text("1 unread")
    message = api.add_message(2, "more", at=4_000_000_000, room=design)
    expect(visitor.room("design")).to_contain_text("2 unread")
    asked = len([path for _, path, _ in api.requests if path == "/rooms"])
    api.change_message(message, "still more")
    api.add_message(1, "mine, from elsewhere", at=4_000_000_001, room=design)
    api.add_message(2, "and more", at=4_000_000_002, room=design)
    expect(visitor.room("design")).to_contain_text("3 unread")
    paths = [path for _, path, _ in api.requests if path == "/rooms"]
    assert len(paths) == asked


def test_a_gap_in_another_room_leads_to_one_question(
    api: FakeApi, live: FakeLive, enter: Visit, design: int
) -> None:
    visitor = enter()
    expect(visitor.room("design")).to_contain_text("1 unread")
    live.deaf = True
    api.add_message(2, "not told", room=design)
    live.deaf = False
    api.add_message(2, "told", room=design)
    expect(visitor.room("design")).to_contain_text("3 unread")


def test_without_live_updates_the_list_follows_too(
    api: FakeApi, ada: Visit, design: int
) -> None:
    visitor = ada()
    expect(visitor.room("design")).to_contain_text("1 unread")
    api.add_message(2, "more", room=design)
    expect(visitor.room("design")).to_contain_text("2 unread")


def test_who_comes_into_a_room_and_goes_sees_it_come_and_go(
    api: FakeApi, enter: Visit
) -> None:
    grace = api.add_user("grace")
    visitor = enter()
    expect(visitor.rooms).to_have_text(["Everyone"])
    room = api.add_room("secret", grace, kind="private")
    api.enter_room(room, 1)
    expect(visitor.rooms).to_have_text(["Everyone", "secret"])
    visitor.go_to("secret")
    api.exit_room(room, 1)
    expect(visitor.rooms).to_have_text(["Everyone"])
    expect(visitor.page.get_by_text("it is not for you")).to_be_visible()
    api.enter_room(room, 1)
    visitor.poll()
    expect(visitor.title).to_have_text("secret")
    api.exit_room(room, 1)
    visitor.page.get_by_role("link", name="Go to Everyone").click()
    expect(visitor.title).to_have_text("Everyone")


def test_a_room_that_is_not_there_says_so(ada: Visit) -> None:
    visitor = ada()
    visitor.page.goto(f"{visitor.url}rooms/77")
    expect(visitor.title).to_have_text("No such room")
    expect(visitor.composer).to_have_count(0)


def test_a_link_leads_to_its_message_and_to_what_surrounds_it(
    api: FakeApi, enter: Visit, design: int
) -> None:
    for number in range(300):
        api.add_message(2, f"message {number}", room=design)
    wanted = api.messages[100]
    visitor = enter()
    visitor.page.goto(f"{visitor.url}rooms/{design}/messages/{wanted['id']}")
    target = visitor.page.locator(".message.target")
    expect(target).to_contain_text(wanted["source"])
    expect(target).to_be_in_viewport()
    expect(visitor.page.get_by_text("message 299")).to_have_count(0)
    visitor.button("Latest messages").click()
    expect(visitor.messages.last).to_have_text("message 299")
    expect(visitor.messages.last).to_be_in_viewport()
    visitor.page.go_back()
    expect(target).to_be_in_viewport()


def test_who_reads_on_from_a_link_comes_up_to_now(
    api: FakeApi, enter: Visit, design: int
) -> None:
    for number in range(120):
        api.add_message(2, f"message {number}", room=design)
    visitor = enter()
    visitor.page.goto(f"{visitor.url}rooms/{design}/messages/{api.messages[50]['id']}")
    expect(visitor.page.locator(".message.target")).to_be_in_viewport()
    while visitor.messages.last.inner_text() != "message 119":
        count = visitor.messages.count()
        visitor.scroller.evaluate("box => { box.scrollTop = box.scrollHeight; }")
        expect(visitor.messages.nth(count)).to_be_attached()
    api.add_message(2, "now", room=design)
    visitor.scroller.evaluate("box => { box.scrollTop = box.scrollHeight; }")
    expect(visitor.messages.last).to_have_text("now")
    expect(visitor.button("Latest messages")).to_have_count(0)
    sources = [one["source"] for one in api.messages if one["room_id"] == design]
    expect(visitor.messages).to_have_text(sources[-visitor.messages.count() :])


def test_a_message_on_its_way_stays_in_its_room(
    api: FakeApi, enter: Visit, design: int
) -> None:
    visitor = enter()
    visitor.go_to("design")
    expect(visitor.messages).to_have_count(1)
    api.gate.clear()
    visitor.say("slow")
    expect(visitor.outgoing).to_have_count(1)
    visitor.go_to("Everyone")
    expect(visitor.outgoing).to_have_count(0)
    api.gate.set()
    visitor.go_to("design")
    expect(visitor.messages).to_have_text(["a sketch", "slow"])
    expect(visitor.outgoing).to_have_count(0)


@pytest.mark.parametrize("release", [10, 7, 4])
def test_beside_a_service_without_rooms_there_is_one(
    api: FakeApi, enter: Visit, release: int
) -> None:
    api.release = release
    api.add_message(1, "hello")
    visitor = enter()
    expect(visitor.messages).to_have_text(["hello"])
    visitor.say("again")
    expect(visitor.messages).to_have_text(["hello", "again"])
    expect(visitor.rooms).to_have_count(0)
    expect(visitor.button("React")).to_have_count(0)
    expect(visitor.button("Edit your message")).to_have_count(2)
    visitor.page.keyboard.press("Control+k")
    expect(visitor.dialog).to_have_count(0)
    visitor.page.goto(f"{visitor.url}rooms/2")
    expect(visitor.messages).to_have_text(["hello", "again"])
    expect(visitor.page).to_have_url(visitor.url)


def test_rooms_appear_when_the_service_has_learned_them(
    api: FakeApi, ada: Visit, design: int
) -> None:
    api.release = 10
    visitor = ada()
    expect(visitor.connection).to_have_text("Online")
    api.release = 11
    visitor.poll()
    expect(visitor.rooms).to_have_text(["design", "Everyone"])
    # One that is answered by an instance of the older release loses none.
    api.release = 10
    with visitor.page.expect_response("**/api/rooms"):
        visitor.poll()
    visitor.page.keyboard.press("Control+k")
    expect(visitor.dialog).to_be_visible()
    expect(visitor.rooms).to_have_text(["design", "Everyone"])


def test_a_connection_says_that_it_knows_rooms(live: FakeLive, enter: Visit) -> None:
    enter()
    assert set(live.tokens) == live.know_rooms


def test_on_a_phone_a_room_is_two_taps_away(
    api: FakeApi, ada: Visit, design: int
) -> None:
    visitor = ada(viewport={"width": 390, "height": 844}, has_touch=True)
    visitor.button("Rooms").tap()
    visitor.room("design").get_by_role("link").tap()
    expect(visitor.title).to_have_text("design")
    expect(visitor.button("Sign out")).to_be_hidden()
    visitor.page.go_back()
    expect(visitor.title).to_have_text("Everyone")
    expect(visitor.page).to_have_url(re.compile(r"/$"))
