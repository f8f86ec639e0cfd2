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
    admin.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    admin.button("Invite somebody").click()
    link = admin.page.get_by_label("Invitation", exact=True)
    expect(link).to_have_value(f"{admin.url}?invitation=code-1")
    admin.button("Copy").click()
    expect(admin.page.get_by_text("Copied", exact=True)).to_be_visible()
    copied = admin.page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{admin.url}?invitation=code-1"
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
