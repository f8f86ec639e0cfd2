"""Staying signed in: the cookie of the session, and the tokens that it gives."""

from collections.abc import Callable

import pytest
from fake_api import FakeApi
from fake_live import FakeLive
from fake_sessions import COOKIE
from playwright.sync_api import expect
from visitor import Visitor

Visit = Callable[..., Visitor]
STORED = "[...Object.values(localStorage), ...Object.values(sessionStorage)].join()"


def cookie_of(visitor: Visitor) -> str:
    """Return what the session's cookie holds."""
    cookies = visitor.page.context.cookies(f"{visitor.page.url}api/tokens")
    return next((str(one.get("value")) for one in cookies), "")


def test_the_token_is_in_memory_only(api: FakeApi, ada: Visit) -> None:
    visitor = ada()
    stored = str(visitor.page.evaluate(STORED))
    assert api.tokens[-1] not in stored and cookie_of(visitor) not in stored
    assert COOKIE not in str(visitor.page.evaluate("document.cookie"))
    visitor.page.reload()
    expect(visitor.connection).to_have_text("Online")
    assert len(api.tokens) == 2


def test_a_token_is_renewed_before_its_end_and_told_to_the_live_connection(
    api: FakeApi, live: FakeLive, enter: Visit
) -> None:
    visitor = enter(alone=True)
    visitor.page.clock.install()
    visitor.page.reload()
    live.wait_for(lambda: list(live.tokens.values()) == [api.tokens[-1]])
    assert live.handshakes[-1] == api.tokens[-1]
    before = len(api.tokens)
    visitor.page.clock.run_for(56 * 60 * 1000)
    live.wait_for(lambda: len(api.tokens) > before)
    live.wait_for(lambda: api.tokens[-1] in live.tokens.values())


def test_a_token_that_is_refused_is_renewed_and_nobody_notices(
    api: FakeApi, live: FakeLive, ada: Visit
) -> None:
    visitor = ada(alone=True)
    visitor.page.clock.install()
    visitor.page.reload()
    expect(visitor.connection).to_have_text("Online")
    visitor.page.clock.run_for(10_000)
    api.expire_tokens()
    visitor.say("still here")
    expect(visitor.messages).to_have_text(["still here"])
    live.wait_for(lambda: api.tokens[-1] in live.tokens.values())
    expect(visitor.composer).to_be_visible()


def test_the_end_of_the_session_leads_to_the_form_in_all_tabs_and_keeps_the_drafts(
    api: FakeApi, ada: Visit
) -> None:
    visitor = ada()
    other = Visitor(visitor.page.context.new_page(), visitor.page.url)
    expect(other.connection).to_have_text("Online")
    visitor.composer.fill("one thought")
    other.composer.fill("another thought")
    api.revoke_tokens()
    visitor.poll()
    for tab in (visitor, other):
        note = tab.page.get_by_role("status")
        expect(note).to_contain_text("Sign in again: your draft is kept.")
    visitor.sign_in("ada")
    expect(visitor.composer).to_have_value("one thought")
    expect(other.composer).to_have_value("another thought")


def test_tabs_that_renew_at_the_same_time_do_not_end_each_others_session(
    api: FakeApi, ada: Visit
) -> None:
    first = ada()
    tabs = [first]
    for _ in range(3):
        tabs.append(Visitor(first.page.context.new_page(), first.page.url))
    for _ in range(3):
        for tab in tabs:
            tab.page.evaluate("location.reload()")
        for tab in tabs:
            expect(tab.connection).to_have_text("Online")
    assert [one.get("ended") for one in api.sessions] == [None]


def test_an_answer_that_was_lost_is_asked_for_again(api: FakeApi, ada: Visit) -> None:
    visitor = ada()
    lost = []
    visitor.page.route(
        "**/api/tokens",
        lambda route: (
            route.continue_()
            if lost
            else lost.append(route.fetch()) or route.abort("connectionreset")
        ),
    )
    visitor.page.reload()
    expect(visitor.connection).to_have_text("Online")
    assert lost and [one.get("ended") for one in api.sessions] == [None]


def test_a_server_that_is_away_at_a_reload_is_waited_for(
    api: FakeApi, ada: Visit
) -> None:
    visitor = ada()
    visitor.composer.fill("half a thought")
    api.fail("POST", "/tokens", 503, "The tokens service is away.")
    visitor.page.reload()
    expect(visitor.connection).to_contain_text("The tokens service is away.")
    expect(visitor.composer).to_have_value("half a thought")
    api.recover()
    visitor.button("Try now").click()
    expect(visitor.connection).to_have_text("Online")


def test_who_signs_out_offline_is_signed_out_at_the_next_visit(
    api: FakeApi, ada: Visit
) -> None:
    visitor = ada()
    api.fail("DELETE", "/tokens", 503)
    with visitor.page.expect_response("**/api/tokens"):
        visitor.button("Sign out").click()
    expect(visitor.page.get_by_label("Password")).to_be_visible()
    assert not api.sessions[0].get("ended")
    api.recover()
    visitor.page.reload()
    visitor.page.wait_for_function("() => localStorage.length === 0")
    assert api.sessions[0]["ended"]
    visitor.sign_in("ada")


def test_who_signs_in_as_somebody_else_in_one_tab_does_so_in_the_other(
    api: FakeApi, ada: Visit
) -> None:
    api.add_user("grace")
    visitor = ada()
    other = Visitor(visitor.page.context.new_page(), visitor.page.url)
    expect(other.connection).to_have_text("Online")
    visitor.button("Sign out").click()
    expect(other.page.get_by_label("Password")).to_be_visible()
    visitor.sign_in("grace")
    expect(other.page.locator(".me-name")).to_have_text("grace")


@pytest.mark.parametrize("reload", [False, True])
def test_beside_an_older_tokens_service_the_token_is_kept_as_before(
    api: FakeApi, ada: Visit, reload: bool
) -> None:
    api.knows_sessions = False
    visitor = ada()
    if reload:
        visitor.page.reload()
        expect(visitor.connection).to_have_text("Online")
    assert len(api.tokens) == 1
    visitor.composer.fill("half a thought")
    api.revoke_tokens()
    visitor.poll()
    expect(visitor.page.get_by_role("status")).to_contain_text("Sign in again")
    # After the upgrade.
    api.knows_sessions = True
    visitor.sign_in("ada")
    expect(visitor.composer).to_have_value("half a thought")
    visitor.page.reload()
    expect(visitor.connection).to_have_text("Online")


def test_a_session_outlives_an_instance_of_an_older_release(
    api: FakeApi, ada: Visit
) -> None:
    visitor = ada()
    asked = []
    visitor.page.route(
        "**/api/tokens",
        lambda route: (
            asked.append(route)
            or (route.continue_() if len(asked) > 1 else route.fulfill(status=401))
        ),
    )
    visitor.page.reload()
    expect(visitor.connection).to_have_text("Online")
    assert len(asked) == 2
