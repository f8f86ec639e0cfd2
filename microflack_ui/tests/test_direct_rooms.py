"""Conversations of a few people."""

from collections.abc import Callable

from fake_api import FakeApi
from main_states import PHONE
from playwright.sync_api import Locator, expect
from test_axe import violations
from visitor import Visitor

Visit = Callable[..., Visitor]


def begin(visitor: Visitor) -> Locator:
    """Begin a direct room; return the field in which people are looked for."""
    visitor.button("New room").click()
    visitor.dialog.get_by_label("Direct").check()
    return visitor.dialog.get_by_label("Add somebody")


def test_three_people_begin_to_talk_by_the_keyboard(api: FakeApi, enter: Visit) -> None:
    for nickname in ("grace", "linus", "linda"):
        api.add_user(nickname)
    visitor = enter()
    field = begin(visitor)
    write = visitor.dialog.get_by_role("button", name="Write to them")
    expect(write).to_be_disabled()
    for letters in ("gra", "lin", "lin"):
        field.press_sequentially(letters)
        field.press("Enter")
        expect(field).to_have_value("")
        expect(field).to_be_focused()
    visitor.dialog.get_by_role("button", name="Remove linda").press("Enter")
    chosen = visitor.dialog.get_by_role("list", name="People who are chosen")
    expect(chosen.locator("bdi")).to_have_text(["grace", "linus"])
    field.press("Enter")
    expect(visitor.title).to_have_text("grace, linus")
    expect(visitor.dialog).to_have_count(0)
    assert (api.rooms[-1]["kind"], set(api.rooms[-1]["members"])) == (
        "direct",
        {1, 2, 3},
    )


def test_people_who_talk_already_go_on(api: FakeApi, enter: Visit) -> None:
    grace, linus = api.add_user("grace"), api.add_user("linus")
    room = api.add_room("", 1, grace, linus, kind="direct")
    api.add_message(grace, "as I said", room=room)
    visitor = enter()
    field = begin(visitor)
    for nickname in ("linus", "grace"):
        field.fill(nickname)
        visitor.dialog.get_by_role("button", name=f"Add {nickname}").click()
    visitor.button("Write to them").click()
    expect(visitor.messages).to_have_text(["as I said"])
    expect(visitor.page).to_have_url(f"{visitor.url}rooms/{room}")


def test_a_direct_room_has_eight_people_at_most(api: FakeApi, enter: Visit) -> None:
    for number in range(8):
        api.add_user(f"friend{number}")
    visitor = enter(reduced_motion="reduce", **PHONE)
    visitor.page.get_by_role("button", name="Rooms and People").click()
    field = begin(visitor)
    for number in range(7):
        field.fill(f"friend{number}")
        field.press("Enter")
    expect(field).to_have_count(0)
    expect(visitor.dialog.get_by_text("More than 8 people")).to_be_visible()
    assert violations(visitor.page) == []
    visitor.dialog.get_by_role("button", name="Remove friend3").click()
    expect(field).to_be_visible()
