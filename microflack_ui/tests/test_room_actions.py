"""Making rooms, and what is done with them."""

from collections.abc import Callable

import pytest
from fake_api import FakeApi
from playwright.sync_api import expect
from visitor import Visitor

Visit = Callable[..., Visitor]


@pytest.fixture
def grace(api: FakeApi, ada: Visit) -> int:
    """Somebody else."""
    return api.add_user("grace")


def details(visitor: Visitor) -> None:
    """Open what is said about the room that is shown."""
    visitor.page.locator(".title-button").click()
    expect(visitor.dialog).to_be_visible()


@pytest.mark.parametrize("kind", ["public", "private"])
def test_a_room_is_made_and_gone_to(api: FakeApi, enter: Visit, kind: str) -> None:
    visitor = enter()
    visitor.button("New room").click()
    visitor.dialog.get_by_label("Name").fill("design")
    visitor.dialog.get_by_label("What it is about").fill("Shapes and colours")
    visitor.dialog.get_by_label(kind.title()).check()
    visitor.dialog.get_by_role("button", name="Make the room").click()
    expect(visitor.title).to_have_text("design")
    expect(visitor.page.locator(".bar .topic")).to_have_text("Shapes and colours")
    assert (api.rooms[-1]["kind"], list(api.rooms[-1]["members"])) == (kind, [1])
    visitor.page.go_back()
    expect(visitor.title).to_have_text("Everyone")


def test_how_much_too_long_a_name_or_topic_is_is_said(enter: Visit) -> None:
    visitor = enter()
    visitor.button("New room").click()
    make = visitor.dialog.get_by_role("button", name="Make the room")
    visitor.dialog.get_by_label("Name").fill("x" * 82)
    expect(visitor.dialog.locator(".counter")).to_have_text("2 characters too many")
    expect(make).to_be_disabled()
    visitor.dialog.get_by_label("Name").fill("design")
    visitor.dialog.get_by_label("What it is about").fill("y" * 501)
    expect(visitor.dialog.locator(".counter")).to_have_text("1 character too many")
    expect(make).to_be_disabled()
    visitor.dialog.get_by_label("What it is about").fill("y" * 500)
    expect(make).to_be_enabled()


def test_why_a_room_is_refused_is_said(api: FakeApi, enter: Visit) -> None:
    visitor = enter()
    visitor.button("New room").click()
    api.fail("POST", "/rooms", 400, "name: There is a room of this name.")
    visitor.dialog.get_by_label("Name").fill("design")
    visitor.dialog.get_by_label("Name").press("Enter")
    alert = visitor.dialog.get_by_role("alert")
    expect(alert).to_have_text("There is a room of this name.")


def test_a_public_room_is_looked_into_joined_and_left(
    api: FakeApi, enter: Visit, grace: int
) -> None:
    room = api.add_room("design", grace)
    api.add_message(grace, "a sketch", room=room)
    visitor = enter()
    visitor.page.keyboard.press("Control+k")
    visitor.dialog.get_by_role("option", name="design").click()
    expect(visitor.messages).to_have_text(["a sketch"])
    expect(visitor.composer).to_have_count(0)
    visitor.button("Join design").click()
    visitor.say("here I am")
    expect(visitor.messages).to_have_text(["a sketch", "here I am"])
    assert 1 in api.rooms[room - 1]["members"]
    details(visitor)
    visitor.button("Leave the room").click()
    expect(visitor.title).to_have_text("Everyone")
    expect(visitor.rooms).to_have_text(["Everyone"])
    assert 1 not in api.rooms[room - 1]["members"]


def test_a_member_of_a_private_room_adds_others_and_its_owner_removes_them(
    api: FakeApi, enter: Visit, grace: int
) -> None:
    room = api.add_room("secret", 1, kind="private")
    visitor = enter()
    visitor.go_to("secret")
    details(visitor)
    rows = visitor.dialog.get_by_role("region", name="Who is in it").locator(".row")
    expect(rows).to_contain_text(["ada (you)"])
    visitor.dialog.get_by_label("Add somebody").fill("gr")
    visitor.dialog.get_by_role("button", name="Add grace").click()
    expect(visitor.dialog.get_by_text("grace is in.")).to_be_visible()
    assert set(api.rooms[room - 1]["members"]) == {1, grace}
    visitor.dialog.get_by_role("button", name="Remove grace").click()
    expect(rows).to_have_count(1)
    assert set(api.rooms[room - 1]["members"]) == {1}


def test_its_owner_changes_a_rooms_name_and_topic_and_all_see_it(
    api: FakeApi, enter: Visit, visit: Visit, grace: int
) -> None:
    api.add_room("design", 1, grace)
    first, second = enter(), visit()
    second.sign_in("grace")
    expect(second.rooms).to_have_text(["Everyone", "design"])
    first.go_to("design")
    details(first)
    first.dialog.get_by_label("Name").fill("drawing")
    first.dialog.get_by_label("Topic").fill("Lines")
    first.dialog.get_by_role("button", name="Change").click()
    expect(first.dialog.get_by_text("Changed.")).to_be_visible()
    expect(second.rooms).to_have_text(["Everyone", "drawing"])
    second.go_to("drawing")
    details(second)
    expect(second.dialog.locator(".topic")).to_have_text("Lines")
    expect(second.dialog.get_by_label("Name")).to_have_count(0)


def test_an_archived_room_can_be_read_and_brought_back(
    api: FakeApi, enter: Visit
) -> None:
    api.add_room("design", 1)
    visitor = enter()
    visitor.go_to("design")
    visitor.say("the last word")
    expect(visitor.messages).to_have_count(1)
    details(visitor)
    visitor.button("Archive it").click()
    expect(visitor.button("Bring it back")).to_be_visible()
    visitor.page.keyboard.press("Escape")
    expect(visitor.page.get_by_text("This room is archived")).to_be_visible()
    expect(visitor.composer).to_have_count(0)
    expect(visitor.messages).to_have_text(["the last word"])
    details(visitor)
    visitor.button("Bring it back").click()
    expect(visitor.composer).to_be_attached()


def test_a_room_is_deleted_only_after_a_second_question(
    api: FakeApi, enter: Visit
) -> None:
    room = api.add_room("secret", 1, kind="private")
    visitor = enter()
    visitor.go_to("secret")
    details(visitor)
    visitor.button("Delete it").click()
    assert not api.rooms[room - 1]["deleted"]
    visitor.button("Yes, delete all of it").click()
    expect(visitor.rooms).to_have_text(["Everyone"])
    assert api.rooms[room - 1]["deleted"]


def test_a_muted_room_calls_for_nothing(api: FakeApi, enter: Visit, grace: int) -> None:
    room = api.add_room("noise", grace, 1)
    visitor = enter()
    visitor.go_to("noise")
    details(visitor)
    visitor.dialog.get_by_label("Nothing: the room is muted").check()
    expect(visitor.room("noise")).to_contain_text("muted")
    visitor.page.keyboard.press("Escape")
    visitor.go_to("Everyone")
    api.add_message(grace, "hey @ada", room=room)
    api.add_message(grace, "in sight")
    expect(visitor.messages).to_have_text(["in sight"])
    expect(visitor.rooms).to_have_text(["Everyone", "noise"])
    expect(visitor.page.locator(".badge")).to_have_count(0)
    assert api.rooms[room - 1]["members"][1]["notify"] == "none"


def test_somebody_in_the_list_leads_to_the_one_conversation_with_them(
    api: FakeApi, enter: Visit, visit: Visit, grace: int
) -> None:
    first, second = enter(), visit()
    second.sign_in("grace")
    for _ in range(2):
        first.button("Write to grace").click()
        expect(first.title).to_have_text("grace")
    first.say("psst")
    expect(second.room("ada")).to_contain_text("1 unread")
    expect(second.page).to_have_title("(1) MicroFlack")
    second.room("ada").get_by_role("link").click()
    expect(second.messages).to_have_text(["psst"])
    assert [room["kind"] for room in api.rooms] == ["public", "direct"]


def test_nobody_leaves_the_room_of_everybody(enter: Visit) -> None:
    visitor = enter()
    details(visitor)
    expect(visitor.dialog.get_by_text("Everybody who signs in")).to_be_visible()
    expect(visitor.button("Leave the room")).to_have_count(0)
