"""What admins do: people and invitations."""

from collections.abc import Callable

import pytest
from fake_api import FakeApi
from playwright.sync_api import Locator, expect
from visitor import Visitor

Visit = Callable[..., Visitor]


@pytest.fixture
def admin(api: FakeApi, ada: Visit) -> Visitor:
    """The page of ada, an admin, with what admins do open."""
    api.change_user(1, admin=True)
    api.add_user("grace")
    visitor = ada()
    visitor.button("Admin").click()
    expect(row(visitor, "grace")).to_be_visible()
    return visitor


def row(visitor: Visitor, nickname: str) -> Locator:
    """Return the line of somebody in the list of all people."""
    return visitor.page.locator("dialog .row").filter(has_text=nickname)


def press(visitor: Visitor, nickname: str, name: str) -> None:
    """Press a button in the line of somebody."""
    row(visitor, nickname).get_by_role("button", name=name, exact=True).click()


def go_to(visitor: Visitor, name: str) -> None:
    """Go to another part of what admins do."""
    visitor.page.get_by_role("tab", name=name).click()


def test_who_is_no_admin_sees_nothing_of_it(ada: Visit) -> None:
    visitor = ada()
    expect(visitor.page.locator(".me-name")).to_have_text("ada")
    expect(visitor.button("Admin")).to_have_count(0)


def test_somebody_is_deactivated_and_reinstated(api: FakeApi, admin: Visitor) -> None:
    press(admin, "grace", "Deactivate")
    expect(row(admin, "grace")).to_contain_text("deactivated")
    expect(admin.page.locator(".person").filter(has_text="grace")).to_have_count(0)
    assert api.users[1]["deactivated"]
    press(admin, "grace", "Reinstate")
    expect(row(admin, "grace")).not_to_contain_text("deactivated")
    assert not api.users[1]["deactivated"]


def test_somebody_is_made_an_admin_and_no_longer_one(
    api: FakeApi, admin: Visitor
) -> None:
    press(admin, "grace", "Make admin")
    expect(admin.page.get_by_text("grace is an admin now.")).to_be_visible()
    press(admin, "grace", "No longer admin")
    expect(admin.page.get_by_text("grace is no admin now.")).to_be_visible()
    assert not api.users[1]["admin"]


def test_the_servers_reason_is_told(api: FakeApi, admin: Visitor) -> None:
    api.fail("PUT", "/users/1", 400, "admin: There must be one admin at least.")
    press(admin, "ada", "No longer admin")
    alert = admin.page.locator("dialog").get_by_role("alert")
    expect(alert.last).to_have_text("There must be one admin at least.")


def test_a_link_for_a_new_password_can_be_handed_on(
    api: FakeApi, admin: Visitor
) -> None:
    press(admin, "grace", "New password")
    link = admin.page.get_by_label("Link for a new password")
    expect(link).to_have_value(f"{admin.url}reset?code=reset-2")
    assert api.resets == {"reset-2": "grace"}


def test_invitations_are_made_copied_and_withdrawn(
    api: FakeApi, admin: Visitor
) -> None:
    go_to(admin, "Invitations")
    admin.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    admin.button("Invite somebody").click()
    link = admin.page.get_by_label("Invitation", exact=True)
    expect(link).to_have_value(f"{admin.url}?invitation=code-1")
    admin.button("Copy").click()
    expect(admin.page.get_by_text("Copied", exact=True)).to_be_visible()
    copied = admin.page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{admin.url}?invitation=code-1"
    refuse = "navigator.clipboard.writeText = () => Promise.reject(new Error('no'))"
    admin.page.evaluate(f"void ({refuse})")
    admin.button("Copy").click()
    expect(admin.page.get_by_text("Not copied: select it")).to_be_visible()
    admin.button("Withdraw").click()
    expect(link).to_have_count(0)
    assert api.invitations == []


def test_somebody_is_found_among_many(api: FakeApi, admin: Visitor) -> None:
    for number in range(130):
        api.add_user(f"person {number}")
    admin.poll()
    expect(admin.page.get_by_text("and 32 more")).to_be_visible()
    admin.page.get_by_label("Find somebody").fill("PERSON 129")
    expect(admin.page.locator("dialog .row")).to_have_count(1)


def test_the_parts_are_reached_by_the_keyboard(admin: Visitor) -> None:
    admin.page.get_by_role("tab", name="People").focus()
    keyboard, tabs = admin.page.keyboard, admin.page.get_by_role("tab")
    for key, name in (
        ("ArrowRight", "Invitations"),
        ("End", "Stored"),
        ("ArrowRight", "People"),
    ):
        keyboard.press(key)
        expect(tabs.and_(admin.page.locator("[aria-selected=true]"))).to_have_text(name)
        expect(admin.page.get_by_role("tabpanel", name=name)).to_be_visible()
    keyboard.press("Tab")
    expect(admin.page.get_by_label("Find somebody")).to_be_focused()


def test_sessions_and_pictures_of_somebody_are_ended_and_removed(
    api: FakeApi, admin: Visitor
) -> None:
    session = api.add_session(2)
    expect(row(admin, "grace").get_by_role("button")).to_have_count(4)
    press(admin, "grace", "End sessions")
    expect(admin.dialog).to_contain_text("grace is signed out.")
    assert session["ended"]
    api.add_picture(2, b"x", "image/png")
    admin.poll()
    press(admin, "grace", "Remove picture")
    expect(admin.dialog).to_contain_text("The picture is removed.")
    assert api.users[1]["picture_url"] is None


def test_public_rooms_are_renamed_archived_and_deleted(
    api: FakeApi, admin: Visitor
) -> None:
    public = api.add_room("design", 2)
    api.add_room("secret", 2, kind="private")
    admin.poll()
    go_to(admin, "Rooms")
    # Private ones, admins do not see.
    expect(admin.page.locator("dialog .row")).to_have_count(2)
    expect(row(admin, "Everyone").get_by_role("button")).to_have_text(["Rename"])
    press(admin, "design", "Rename")
    name = admin.dialog.get_by_label("Name", exact=True)
    expect(name).to_be_focused()
    name.fill("drawing")
    admin.button("Change").click()
    expect(row(admin, "drawing")).to_be_visible()
    press(admin, "drawing", "Archive it")
    expect(row(admin, "drawing")).to_contain_text("archived")
    assert api.rooms[public - 1]["archived"]
    press(admin, "drawing", "Delete it")
    assert not api.rooms[public - 1]["deleted"]
    press(admin, "drawing", "Yes, delete all of it for good")
    expect(admin.dialog).to_contain_text("drawing is deleted.")
    expect(row(admin, "drawing")).to_have_count(0)
    assert api.rooms[public - 1]["deleted"]


def test_what_is_stored_is_told_by_the_services_that_count_it(
    api: FakeApi, admin: Visitor
) -> None:
    for service in ("users", "messages"):
        api.fail("GET", f"/{service}/stored", 404)
    go_to(admin, "Stored")
    expect(admin.dialog).to_contain_text("Nothing is counted by these releases")
    api.recover()
    api.stored = {"messages": 1_234_567, "files": 3, "file_bytes": 5_200_000}
    go_to(admin, "People")
    go_to(admin, "Stored")
    terms = admin.dialog.get_by_role("term")
    expect(terms).to_have_text(["Messages", "Files", "Size of the files"])
    told = admin.dialog.get_by_role("definition")
    expect(told).to_have_text(["1,234,567", "3", "5.2 MB"])
