"""What the server tells at once."""

from collections.abc import Callable

import pytest
import requests
from fake_api import FakeApi
from fake_live import FakeLive
from playwright.sync_api import Locator, expect
from visitor import Visitor, with_clock

from microflack_common.testing import bearer

Visit = Callable[..., Visitor]


@pytest.fixture
def ada_live(api: FakeApi, enter: Visit) -> Visitor:
    """The page of ada when REST is away: what it shows now has come by itself."""
    visitor = enter()
    for path in ("/users", "/messages"):
        api.fail("GET", path, 503)
    return visitor


def person(visitor: Visitor, nickname: str) -> Locator:
    """Return the line of somebody in the list of people."""
    return visitor.page.locator(".person").filter(has_text=nickname)


def test_a_message_and_its_edit_arrive_without_being_asked_for(
    api: FakeApi, ada_live: Visitor
) -> None:
    message = api.add_message(api.add_user("grace"), "helo")
    expect(ada_live.messages).to_have_text(["helo"])
    expect(ada_live.page.locator(".author")).to_have_text("grace")
    api.change_message(message, "hello")
    expect(ada_live.messages).to_have_text(["hello"])


def test_presence_arrives_without_being_asked_for(
    api: FakeApi, ada_live: Visitor
) -> None:
    grace = api.add_user("grace", online=False)
    expect(person(ada_live, "grace")).to_contain_text("offline")
    api.set_online(grace, True)
    expect(ada_live.page.get_by_text("2 online")).to_be_visible()


def test_who_closes_the_page_is_seen_to_go(
    api: FakeApi, live: FakeLive, enter: Visit, visit: Visit
) -> None:
    api.add_user("grace")
    first, second = enter(), visit()
    second.sign_in("grace")
    # The end of a connection by polling would be noticed much later.
    live.wait_for(lambda: live.websockets == 2)
    expect(first.page.get_by_text("2 online")).to_be_visible()
    second.page.close()
    expect(person(first, "grace")).to_contain_text("offline")


def test_the_title_counts_what_arrives_while_nobody_looks(
    api: FakeApi, ada_live: Visitor
) -> None:
    ada_live.hide()
    api.add_message(api.add_user("grace"), "one")
    expect(ada_live.page).to_have_title("(1) MicroFlack")


def test_events_arrive_over_a_websocket(
    api: FakeApi, live: FakeLive, enter: Visit
) -> None:
    visitor = enter()
    frames: list[str | bytes] = []

    def keep(frame: str | bytes) -> None:
        frames.append(frame)

    visitor.page.on("websocket", lambda found: found.on("framereceived", keep))
    visitor.page.reload()
    live.wait_for(
        lambda: (live.connections, len(live.tokens), live.websockets) == (2, 1, 1)
    )
    api.add_message(1, "hello")
    expect(visitor.messages).to_have_text(["hello"])
    assert [frame for frame in frames if "updated_model" in str(frame)]


def test_where_websockets_are_not_let_through_events_arrive_too(
    api: FakeApi, ada: Visit
) -> None:
    live = api.live = FakeLive(api, transports=["polling"])
    ada_live = ada()
    live.wait_for(lambda: live.pings > 0)
    api.fail("GET", "/messages", 503)
    api.add_message(1, "by polling")
    expect(ada_live.messages).to_have_text(["by polling"])


def test_the_page_says_again_and_again_that_somebody_is_there(
    live: FakeLive, enter: Visit
) -> None:
    visitor = with_clock(enter(alone=True), live)
    before = live.pings
    # Not until a page misses the signs of life of a server whose clock is another.
    visitor.page.clock.run_for(41_000)
    live.wait_for(lambda: live.pings >= before + 2)


def test_an_expired_token_is_told_and_leads_to_the_form(
    api: FakeApi, ada_live: Visitor
) -> None:
    ada_live.composer.fill("half a thought")
    api.revoke_tokens()
    note = ada_live.page.get_by_role("status")
    expect(note).to_contain_text("Sign in again: your draft is kept.")
    api.recover()
    ada_live.sign_in("ada")
    expect(ada_live.composer).to_have_value("half a thought")


def test_a_token_revoked_elsewhere_ends_this_session_and_no_other(
    api: FakeApi, live: FakeLive, enter: Visit, visit: Visit
) -> None:
    first, second = enter(), visit()
    second.sign_in("ada")
    live.wait_for(lambda: len(set(live.tokens.values()) - {""}) == 2)
    address = f"{first.page.url}api/tokens"
    requests.delete(address, headers=bearer(api.tokens[0]), timeout=10)
    expect(first.page.get_by_label("Password")).to_be_visible()
    api.add_message(1, "still here")
    expect(second.messages).to_have_text(["still here"])


def test_signing_out_revokes_the_token_and_closes_the_connection(
    api: FakeApi, live: FakeLive, enter: Visit
) -> None:
    visitor = enter()
    with visitor.page.expect_response("**/api/tokens"):
        visitor.button("Sign out").click()
    expect(visitor.page.get_by_label("Password")).to_be_visible()
    expect(visitor.page.locator(".note")).to_have_count(0)
    live.wait_for(lambda: not live.tokens)
    goodbye = [path for method, path, _ in api.requests if method == "DELETE"]
    assert goodbye == ["/users/me", "/tokens"]
    assert api.revoked == set(api.tokens)
    assert not api.users[0]["online"]


def test_signing_out_works_where_tokens_cannot_be_revoked(
    api: FakeApi, enter: Visit
) -> None:
    visitor = enter()
    api.fail("DELETE", "/tokens", 405)
    with visitor.page.expect_response("**/api/tokens"):
        visitor.button("Sign out").click()
    visitor.sign_in("ada")


@pytest.mark.parametrize(("release", "lost"), [(7, 0), (7, 1), (6, 1), (4, 1)])
def test_an_own_message_is_never_seen_twice_though_its_answer_is_late(
    api: FakeApi, enter: Visit, release: int, lost: int
) -> None:
    api.release = release
    visitor = enter()
    watch = """() => {
        window.most = 0;
        const count = () => {
            const here = document.querySelectorAll(".message, .outgoing").length;
            window.most = Math.max(window.most, here);
        };
        new MutationObserver(count).observe(document, {
            childList: true, subtree: true,
        });
    }"""
    visitor.page.evaluate(watch)
    api.lose_next_answer(lost)
    visitor.say("only once")
    expect(visitor.messages).to_have_text(["only once"])
    expect(visitor.outgoing).to_have_count(0)
    assert visitor.page.evaluate("window.most") == 1
    assert len(api.messages) == 1


def test_what_one_writes_elsewhere_waits_until_ones_own_message_is_known(
    api: FakeApi, enter: Visit
) -> None:
    visitor = enter()
    api.gate.clear()
    visitor.say("the same")
    expect(visitor.outgoing).to_contain_text("Sending…")
    api.add_message(1, "the same")
    api.add_message(api.add_user("grace"), "hello")
    expect(visitor.messages).to_have_text(["hello"])
    api.gate.set()
    expect(visitor.messages).to_have_text(["the same", "hello", "the same"])
    expect(visitor.outgoing).to_have_count(0)


def test_events_that_make_no_sense_do_no_harm(
    api: FakeApi, live: FakeLive, ada_live: Visitor
) -> None:
    for event in (None, "x", {}, {"class": "User"}, {"class": "Room", "model": {}}):
        live.server.emit("updated_model", event)
    live.server.emit("updated_model", {"class": "Room", "model": {"id": 1}})
    api.add_message(1, "hello")
    expect(ada_live.messages).to_have_text(["hello"])


def test_a_flood_is_drawn_to_its_end_and_can_be_read_back(
    api: FakeApi, enter: Visit
) -> None:
    visitor = enter()
    for number in range(650):
        api.add_message(1, f"message {number}")
    expect(visitor.messages.last).to_have_text("message 649")
    assert visitor.messages.count() <= 300
    visitor.page.evaluate("window.read = new Set()")
    visitor.page.wait_for_function(
        """() => {
            document.querySelector(".scroller").scrollTop = 0;
            const found = [...document.querySelectorAll(".message")];
            const ids = found.map((one) => Number(one.dataset.anchor));
            if (!ids.every((id, place) => id === ids[0] + place)) throw ids;
            for (const id of ids) window.read.add(id);
            return window.read.size === 650;
        }""",
        polling=100,
    )
