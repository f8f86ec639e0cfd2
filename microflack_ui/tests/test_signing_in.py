"""Coming and going."""

from collections.abc import Callable

import pytest
from fake_api import FakeApi
from playwright.sync_api import expect
from visitor import Visitor

Visit = Callable[..., Visitor]


def test_somebody_new_registers_and_chats(api: FakeApi, visit: Visit) -> None:
    visitor = visit()
    visitor.button("Create an account").click()
    visitor.fill_in("grace", "a long password")
    visitor.say("hello")
    expect(visitor.messages).to_have_text(["hello"])
    assert api.passwords == {"grace": "a long password"}
    assert [message["source"] for message in api.messages] == ["hello"]


def test_the_keyboard_alone_is_enough(api: FakeApi, visit: Visit) -> None:
    api.add_user("ada")
    visitor = visit()
    keyboard = visitor.page.keyboard
    expect(visitor.page.get_by_label("Nickname")).to_be_focused()
    keyboard.type("ada")
    keyboard.press("Tab")
    keyboard.type("open sesame")
    keyboard.press("Enter")
    expect(visitor.composer).to_be_focused()
    keyboard.type("hello")
    keyboard.press("Enter")
    expect(visitor.messages).to_have_text(["hello"])
    more, leave = visitor.button("More about"), visitor.button("Sign out")
    keyboard.press("Shift+Tab")
    expect(more).to_be_focused()
    keyboard.press("Enter")
    expect(visitor.dialog.get_by_role("button", name="Edit")).to_be_visible()
    keyboard.press("Escape")
    expect(more).to_be_focused()
    day, room = visitor.button("Go to a day"), visitor.page.locator(".title-button")
    for goal in (visitor.scroller, day, room, leave):
        keyboard.press("Shift+Tab")
        expect(goal).to_be_focused()
    keyboard.press("Enter")
    expect(visitor.page.get_by_label("Nickname")).to_be_focused()


def test_a_nickname_that_is_taken_is_told_to_people(api: FakeApi, visit: Visit) -> None:
    api.add_user("ada")
    visitor = visit()
    visitor.button("Create an account").click()
    visitor.fill_in("ada", "a long password")
    alert = visitor.page.get_by_role("alert")
    expect(alert).to_have_text("This nickname is taken: choose another.")


def test_a_wrong_password_is_told_and_can_be_mended(api: FakeApi, visit: Visit) -> None:
    api.add_user("ada")
    visitor = visit()
    visitor.fill_in("ada", "wrong")
    alert = visitor.page.get_by_role("alert")
    expect(alert).to_have_text("Nickname or password is not right.")
    expect(visitor.page.get_by_label("Password")).to_be_focused()
    visitor.sign_in("ada")


def test_a_server_that_is_away_is_told(api: FakeApi, visit: Visit) -> None:
    visitor = visit()
    api.fail("POST", "/tokens", 503, "The users service is away.")
    visitor.fill_in("ada")
    alert = visitor.page.get_by_role("alert")
    expect(alert).to_have_text("The users service is away.")
    expect(visitor.button("Sign in")).to_be_enabled()


def test_nickname_and_password_may_be_any_text(api: FakeApi, visit: Visit) -> None:
    api.add_user("Zoë 🎈")
    api.passwords["Zoë 🎈"] = "pâss:wörd 🔑"
    visitor = visit()
    visitor.sign_in("  Zoë 🎈 ", "pâss:wörd 🔑")
    expect(visitor.page.locator(".me-name")).to_have_text("Zoë 🎈")


def test_a_reload_stays_signed_in(ada: Visit) -> None:
    visitor = ada()
    visitor.page.reload()
    expect(visitor.connection).to_have_text("Online")


def test_signing_out_goes_offline_and_leaves_nothing_in_the_browser(
    api: FakeApi, ada: Visit
) -> None:
    visitor = ada()
    visitor.composer.fill("half a thought")
    with visitor.page.expect_response("**/api/tokens"):
        visitor.button("Sign out").click()
    assert not api.users[0]["online"]
    visitor.page.wait_for_function("() => localStorage.length === 0")
    visitor.page.reload()
    expect(visitor.page.get_by_label("Nickname")).to_have_value("")
    visitor.sign_in("ada")
    expect(visitor.composer).to_have_value("")


def test_signing_out_in_one_tab_signs_out_in_the_other(ada: Visit) -> None:
    visitor = ada()
    other = Visitor(visitor.page.context.new_page(), visitor.page.url)
    expect(other.connection).to_have_text("Online")
    visitor.button("Sign out").click()
    expect(other.page.get_by_label("Password")).to_be_visible()
    assert other.problems == []


def test_an_expired_token_leads_to_the_form_and_keeps_the_draft(
    api: FakeApi, ada: Visit
) -> None:
    visitor = ada()
    visitor.composer.fill("half a thought")
    api.revoke_tokens()
    visitor.poll()
    note = visitor.page.get_by_role("status")
    expect(note).to_contain_text("Sign in again: your draft is kept.")
    visitor.sign_in("ada")
    expect(visitor.composer).to_have_value("half a thought")


def test_a_message_that_met_an_expired_token_goes_out_after_signing_in(
    api: FakeApi, ada: Visit
) -> None:
    visitor = ada()
    api.fail("POST", "/messages", 401)
    visitor.say("wait for me")
    expect(visitor.page.get_by_label("Password")).to_be_visible()
    api.recover()
    visitor.sign_in("ada")
    expect(visitor.messages).to_have_text(["wait for me"])
    assert len(api.messages) == 1


@pytest.mark.parametrize("nickname", ["<img src=x onerror=alert(1)>", "<b>x</b>"])
def test_markup_in_a_nickname_is_shown_as_text(
    api: FakeApi, ada: Visit, nickname: str
) -> None:
    api.add_message(api.add_user(nickname), "hello")
    visitor = ada()
    expect(visitor.page.locator(".author")).to_have_text(nickname)
    expect(visitor.page.locator(".person").filter(has_text=nickname)).to_be_visible()
    expect(visitor.page.locator("img")).to_have_count(0)
