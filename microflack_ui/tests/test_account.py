"""One's own account: nickname, password, sessions."""

from collections.abc import Callable

import pytest
from fake_api import FakeApi
from playwright.sync_api import Locator, expect
from visitor import Visitor

Visit = Callable[..., Visitor]


@pytest.fixture
def account(ada: Visit) -> Visitor:
    """The page of ada, with her account open."""
    visitor = ada()
    visitor.button("Account").click()
    expect(dialog(visitor)).to_be_visible()
    return visitor


def dialog(visitor: Visitor) -> Locator:
    """Return what is open over the chat."""
    return visitor.page.get_by_role("dialog")


def fill_in_passwords(visitor: Visitor, current: str, new: str) -> None:
    """Fill in the form for another password."""
    visitor.page.get_by_label("Current password").fill(current)
    visitor.page.get_by_label("New password").fill(new)
    visitor.button("Change password").click()


def test_the_nickname_is_changed_and_shown(api: FakeApi, account: Visitor) -> None:
    account.page.get_by_label("Nickname").fill("lovelace")
    account.button("Change nickname").click()
    expect(dialog(account)).to_contain_text("You are lovelace now.")
    expect(account.page.locator(".me-name")).to_have_text("lovelace")
    assert api.users[0]["nickname"] == "lovelace"


def test_a_nickname_that_is_taken_or_too_long_is_told(
    api: FakeApi, account: Visitor
) -> None:
    api.add_user("grace")
    field = account.page.get_by_label("Nickname")
    field.fill("grace")
    account.button("Change nickname").click()
    expect(dialog(account).get_by_role("alert").first).to_have_text(
        "This nickname is taken: choose another."
    )
    field.fill("🎈" * 30)
    expect(dialog(account)).to_contain_text("2 characters left")
    field.fill("🎈" * 33)
    expect(dialog(account)).to_contain_text("1 character too many")
    expect(account.button("Change nickname")).to_be_disabled()


def test_the_password_is_changed_and_ends_the_other_sessions_only(
    api: FakeApi, account: Visitor
) -> None:
    other = api.add_session(1)
    fill_in_passwords(account, "open sesame", "correct horse battery")
    expect(dialog(account)).to_contain_text("Your password is changed.")
    assert api.passwords["ada"] == "correct horse battery"
    assert other["ended"] and not api.sessions[0].get("ended")
    expect(account.page.get_by_label("New password")).to_have_value("")
    account.poll()
    expect(account.connection).to_have_text("Online")


def test_a_wrong_current_password_is_told_and_changes_nothing(
    api: FakeApi, account: Visitor
) -> None:
    fill_in_passwords(account, "wrong", "correct horse battery")
    expect(dialog(account)).to_contain_text("This is not your password.")
    expect(account.page.get_by_label("Current password")).to_be_focused()
    assert api.passwords["ada"] == "open sesame"


def test_the_strength_of_a_password_is_told_while_it_is_typed(
    account: Visitor,
) -> None:
    loaded = "performance.getEntriesByType('resource').map(one => one.name).join()"
    assert "zxcvbn" not in account.page.evaluate(loaded)
    field = account.page.get_by_label("New password")
    for text, words in (
        ("password", "Very weak. This is a top-10 common password."),
        ("sleepless 27 turnips wandering", "Strong."),
    ):
        field.fill(text)
        help_text = account.page.locator("#new-password-strength")
        expect(help_text).to_contain_text(words, ignore_case=True)
    assert "zxcvbn" in account.page.evaluate(loaded)


def test_where_one_is_signed_in_is_listed_and_can_be_ended(
    api: FakeApi, ada: Visit
) -> None:
    api.add_user("ada")
    other = api.add_session(1, "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0")
    visitor = ada()
    visitor.button("Account").click()
    rows = dialog(visitor).get_by_role("listitem")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Firefox on Linux")
    expect(rows.last).to_contain_text("Chrome on Linux (this one)")
    visitor.button("End the session of Firefox on Linux").click()
    expect(rows).to_have_count(1)
    assert other["ended"]


def test_beside_an_older_tokens_service_there_are_no_sessions_to_list(
    api: FakeApi, ada: Visit
) -> None:
    api.knows_sessions = False
    visitor = ada()
    with visitor.page.expect_response("**/api/tokens/sessions"):
        visitor.button("Account").click()
    expect(visitor.page.get_by_text("Where you are signed in")).to_have_count(0)
    expect(dialog(visitor).get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("way", ["Back", "Escape", "Close"])
def test_it_is_closed_by_back_escape_and_its_button_and_the_chat_stays(
    account: Visitor, way: str
) -> None:
    if way == "Back":
        account.page.go_back()
    elif way == "Escape":
        account.page.keyboard.press("Escape")
    else:
        account.button("Close").click()
    expect(dialog(account)).to_have_count(0)
    expect(account.composer).to_be_visible()
    expect(account.button("Account")).to_be_focused()
    # And again: no entry of the history is left over.
    account.page.wait_for_function("() => !history.state?.isLayer")
    account.button("Account").click()
    expect(dialog(account)).to_be_visible()
    account.page.wait_for_function("() => history.state?.isLayer")
    account.page.go_back()
    expect(dialog(account)).to_have_count(0)
    expect(account.composer).to_be_visible()
