"""What the server tells at once, and what happens when it cannot."""

from collections.abc import Callable

import pytest
import requests
from fake_api import FakeApi
from fake_live import FakeLive
from playwright.sync_api import Locator, expect
from visitor import Visitor

from microflack_common.testing import bearer

Visit = Callable[..., Visitor]
SLOWER = "slower updates"


@pytest.fixture
def enter(api: FakeApi, live: FakeLive, ada: Visit) -> Visit:
    """Open the page as ada, signed in and connected."""

    def open_live(**options: object) -> Visitor:
        visitor = ada(**options)
        live.wait_for(lambda: "" not in live.tokens.values() and bool(live.tokens))
        expect(visitor.connection).to_have_text("Online")
        return visitor

    return open_live


@pytest.fixture
def ada_live(api: FakeApi, enter: Visit) -> Visitor:
    """The page of ada when REST is away: what it shows now has come by itself."""
    visitor = enter()
    for path in ("/users", "/messages"):
        api.fail("GET", path, 503)
    return visitor


def with_clock(visitor: Visitor, live: FakeLive) -> Visitor:
    """Load the page again with a clock that the test moves, and connect again."""
    visitor.page.clock.install()
    visitor.page.reload()
    live.wait_for(lambda: live.connections == 2 and all(live.tokens.values()))
    expect(visitor.connection).to_have_text("Online")
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
    live.wait_for(lambda: len(set(live.tokens.values()) - {""}) == 2)
    expect(first.page.get_by_text("2 online")).to_be_visible()
    second.page.close()
    expect(person(first, "grace")).to_contain_text("offline")


def test_the_title_counts_what_arrives_while_nobody_looks(
    api: FakeApi, ada_live: Visitor
) -> None:
    ada_live.hide()
    api.add_message(api.add_user("grace"), "one")
    expect(ada_live.page).to_have_title("(1) MicroFlack")


def test_events_arrive_over_a_websocket(api: FakeApi, enter: Visit) -> None:
    visitor = enter()
    with visitor.page.expect_websocket() as found:
        visitor.page.reload()
    found.value.wait_for_event("framereceived", lambda frame: frame == "3probe")
    with found.value.expect_event("framereceived", lambda f: "updated_model" in f):
        api.add_message(1, "hello")


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
    visitor = with_clock(enter(), live)
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


def test_a_lost_connection_comes_back_and_what_was_missed_with_it(
    api: FakeApi, live: FakeLive, enter: Visit
) -> None:
    visitor = enter()
    first = api.add_message(1, "one")
    expect(visitor.messages).to_have_text(["one"])
    live.deaf = True
    api.change_message(first, "uno")
    for text in ("two", "three"):
        api.add_message(1, text)
    live.deaf = False
    live.drop()
    api.add_message(1, "four")
    expect(visitor.messages).to_have_text(["uno", "two", "three", "four"])
    live.wait_for(lambda: live.connections == 2)
    api.add_message(1, "five")
    expect(visitor.messages).to_have_text(["uno", "two", "three", "four", "five"])


def test_without_the_socketio_service_the_page_polls_and_says_so(
    api: FakeApi, live: FakeLive, enter: Visit
) -> None:
    visitor = enter()
    live.go_away()
    expect(visitor.page.get_by_text(SLOWER)).to_be_visible()
    expect(visitor.connection).to_have_text("Online")
    for text in ("one", "two"):
        api.add_message(1, text)
    expect(visitor.messages).to_have_text(["one", "two"])
    live.away = False
    expect(visitor.page.get_by_text(SLOWER)).to_have_count(0)
    api.fail("GET", "/messages", 503)
    api.add_message(1, "three")
    expect(visitor.messages).to_have_text(["one", "two", "three"])


def test_slower_updates_fit_the_smallest_phone(enter: Visit, live: FakeLive) -> None:
    visitor = enter(viewport={"width": 320, "height": 568})
    live.go_away()
    expect(visitor.page.get_by_text(SLOWER)).to_be_in_viewport(ratio=1)
    title = visitor.page.get_by_role("heading", name="Everyone")
    assert title.evaluate("one => one.scrollWidth - one.clientWidth") <= 0
    bar = visitor.page.locator(".conversation > .bar")
    assert bar.evaluate("bar => bar.scrollWidth") <= 320


def test_a_socketio_service_that_is_added_later_is_found(
    api: FakeApi, ada: Visit
) -> None:
    visitor = ada()
    expect(visitor.page.get_by_text(SLOWER)).to_be_visible()
    api.live = FakeLive(api)
    visitor.poll()
    expect(visitor.page.get_by_text(SLOWER)).to_have_count(0)
    assert api.live.connections == 1


def test_what_the_server_could_not_tell_is_fetched_when_it_says_so(
    api: FakeApi, live: FakeLive, enter: Visit
) -> None:
    visitor = enter()
    live.deaf = True
    api.add_message(1, "not told")
    live.server.emit("catch_up")
    expect(visitor.messages).to_have_text(["not told"])


def test_a_number_that_is_missing_leads_to_a_question(
    api: FakeApi, live: FakeLive, enter: Visit
) -> None:
    visitor = enter()
    live.deaf = True
    api.add_message(1, "not told")
    live.deaf = False
    api.add_message(1, "told")
    expect(visitor.messages).to_have_text(["not told", "told"])


def test_news_that_overtake_each_other_lead_to_none(
    api: FakeApi, live: FakeLive, enter: Visit
) -> None:
    visitor = enter()
    live.deaf = True
    with api.lock:
        sent = [api.numbered(api.add_message(1, text)) for text in ("one", "two")]
    live.deaf = False
    asked = len(api.requests)
    for model in reversed(sent):
        live.push("Message", model)
    expect(visitor.messages).to_have_text(["one", "two"])
    # One that is missing for good is asked for; that was the only question.
    live.deaf = True
    api.add_message(1, "three")
    live.deaf = False
    api.add_message(1, "four")
    expect(visitor.messages).to_have_text(["one", "two", "three", "four"])
    paths = [path for _, path, _ in api.requests[asked:]]
    assert [path for path in paths if "messages" in path] == [
        f"/messages?after={sent[-1]['change']}&limit=500"
    ]


def test_what_nobody_told_is_fetched_after_a_minute(
    api: FakeApi, live: FakeLive, enter: Visit
) -> None:
    visitor = with_clock(enter(), live)
    live.deaf = True
    api.add_message(1, "not told")
    visitor.page.clock.run_for(76_000)
    expect(visitor.messages).to_have_text(["not told"])


def test_a_computer_that_wakes_up_asks_what_it_missed(
    api: FakeApi, live: FakeLive, enter: Visit
) -> None:
    visitor = with_clock(enter(), live)
    live.deaf = True
    api.add_message(1, "good morning")
    visitor.page.clock.fast_forward("08:00:00")
    expect(visitor.messages).to_have_text(["good morning"])
    live.wait_for(lambda: live.connections == 3)


def test_a_connection_with_nobody_at_the_other_end_is_replaced(
    api: FakeApi, live: FakeLive, enter: Visit
) -> None:
    visitor = with_clock(enter(), live)
    live.free.clear()
    visitor.poll()
    visitor.page.clock.run_for(5_001)
    live.wait_for(lambda: live.connections == 3)
    live.free.set()


@pytest.mark.parametrize("lost", [1, 3])
def test_an_own_message_is_never_seen_twice_though_its_answer_is_late(
    api: FakeApi, enter: Visit, lost: int
) -> None:
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
    assert visitor.messages.count() <= 600
    visitor.page.wait_for_function(
        """() => {
            document.querySelector(".scroller").scrollTop = 0;
            const found = [...document.querySelectorAll(".message")];
            const ids = found.map((one) => Number(one.dataset.anchor));
            return ids.length === 650 && ids.every((id, place) => id === place + 1);
        }""",
        polling=100,
    )
