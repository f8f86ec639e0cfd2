"""Where only members read: coming in by an invitation, and by a link for a password."""

from collections.abc import Callable

import pytest
from fake_api import FakeApi
from playwright.sync_api import expect
from visitor import Visitor

Visit = Callable[..., Visitor]


@pytest.fixture(autouse=True)
def members_only(api: FakeApi) -> None:
    """Let nobody read who has no token."""
    api.access = "members"


def go(visitor: Visitor, path: str) -> None:
    """Open a link to the page."""
    visitor.page.goto("about:blank")
    visitor.page.goto(visitor.url + path)


def test_who_is_not_signed_in_is_offered_nothing_but_to_sign_in(
    api: FakeApi, visit: Visit
) -> None:
    api.add_user("ada")
    visitor = visit()
    expect(visitor.page.get_by_text("Ask somebody who is in")).to_be_visible()
    expect(visitor.button("Create an account")).to_have_count(0)
    visitor.sign_in("ada")


@pytest.mark.parametrize("path", ["#invitation=code-1", "?invitation=code-1"])
def test_an_invitation_leads_in(api: FakeApi, visit: Visit, path: str) -> None:
    api.add_invitation()
    visitor = visit()
    go(visitor, path)
    visitor.fill_in("grace", "a long password")
    expect(visitor.connection).to_have_text("Online")
    assert visitor.page.url == visitor.url
    assert api.invitations == []


def test_an_invitation_that_is_used_up_is_told(visit: Visit) -> None:
    visitor = visit()
    go(visitor, "#invitation=gone")
    visitor.fill_in("grace", "a long password")
    alert = visitor.page.get_by_role("alert")
    expect(alert).to_have_text("This invitation is used up or has expired.")


@pytest.mark.parametrize("path", ["reset?code=c1", "reset#c1"])
def test_a_link_sets_a_new_password_once(api: FakeApi, visit: Visit, path: str) -> None:
    api.add_user("ada")
    api.resets["c1"] = "ada"
    visitor = visit()
    go(visitor, path)
    visitor.page.get_by_label("New password", exact=True).fill("a long password")
    visitor.button("Set the password").click()
    expect(visitor.page.get_by_role("status").first).to_contain_text("Sign in with it")
    visitor.sign_in("ada", "a long password")
    go(visitor, path)
    visitor.page.get_by_label("New password", exact=True).fill("another password")
    visitor.button("Set the password").click()
    alert = visitor.page.get_by_role("alert")
    expect(alert).to_have_text("This link is used up or has expired.")
    visitor.button("Sign in instead").click()
    expect(visitor.composer).to_be_visible()


@pytest.mark.parametrize(
    ("seconds", "wait"),
    [
        (0, "in a moment"),
        (1, "in a second"),
        (42, "in 42 seconds"),
        (3600, "in 60 min"),
    ],
)
def test_who_tries_too_often_is_told_how_long_to_wait(
    api: FakeApi, visit: Visit, seconds: int, wait: str
) -> None:
    visitor = visit()
    api.fail("POST", "/tokens", 429, "Too many requests.", seconds)
    visitor.fill_in("ada")
    alert = visitor.page.get_by_role("alert")
    expect(alert).to_contain_text(f"That was too often. Try again {wait}")


def test_who_is_deactivated_is_told_so(api: FakeApi, visit: Visit) -> None:
    api.change_user(api.add_user("ada"), deactivated=True)
    visitor = visit()
    visitor.fill_in("ada")
    alert = visitor.page.get_by_role("alert")
    expect(alert).to_have_text("This account is deactivated.")
