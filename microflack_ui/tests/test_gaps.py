"""What the server could not tell at once is there all the same."""

from collections.abc import Callable

from fake_api import FakeApi
from fake_live import FakeLive
from playwright.sync_api import Route, expect
from visitor import Visitor, with_clock

Visit = Callable[..., Visitor]
SLOWER = "slower updates"


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


def test_an_answer_that_breaks_off_is_asked_for_again(enter: Visit) -> None:
    visitor = enter()
    unreadable = visitor.page.get_by_text("The server's answer could not be read.")
    visitor.page.route("**/api/rooms", lambda route: route.fulfill(body='{"roo'))
    visitor.poll()
    expect(unreadable).to_be_visible()
    visitor.page.unroute("**/api/rooms")
    expect(unreadable).to_have_count(0)


def test_what_nobody_told_is_fetched_after_a_minute(
    api: FakeApi, live: FakeLive, enter: Visit
) -> None:
    visitor = with_clock(enter(alone=True), live)
    live.deaf = True
    api.add_message(1, "not told")
    visitor.page.clock.run_for(76_000)
    expect(visitor.messages).to_have_text(["not told"])


def test_a_computer_that_wakes_up_asks_what_it_missed(
    api: FakeApi, live: FakeLive, enter: Visit
) -> None:
    visitor = with_clock(enter(alone=True), live)
    live.deaf = True
    api.add_message(1, "good morning")
    visitor.page.clock.fast_forward("08:00:00")
    expect(visitor.messages).to_have_text(["good morning"])
    live.wait_for(lambda: live.connections == 3)


def test_a_connection_with_nobody_at_the_other_end_is_replaced(
    api: FakeApi, live: FakeLive, enter: Visit
) -> None:
    visitor = with_clock(enter(alone=True), live)
    live.free.clear()
    visitor.poll()
    visitor.page.clock.run_for(5_001)
    live.wait_for(lambda: live.connections == 3)
    live.free.set()


def test_the_answer_to_a_post_tells_that_news_are_missing(
    api: FakeApi, live: FakeLive, enter: Visit
) -> None:
    visitor = enter()
    live.deaf = True
    api.add_message(api.add_user("grace"), "not told")
    visitor.say("mine")
    expect(visitor.messages).to_have_text(["not told", "mine"])


def test_a_number_that_is_known_is_the_same_news(
    api: FakeApi, live: FakeLive, enter: Visit
) -> None:
    visitor = enter()
    message = api.add_message(1, "one")
    live.push("Message", api.numbered(message) | {"source": "?", "html": "?"})
    api.add_message(1, "two")
    expect(visitor.messages).to_have_text(["one", "two"])


def test_news_of_other_rooms_are_not_news_of_this_one(
    api: FakeApi, live: FakeLive, enter: Visit
) -> None:
    visitor = enter()
    message = api.add_message(1, "one")
    live.push("Message", api.numbered(message) | {"id": 9, "room_id": 2, "change": 2})
    api.add_user("grace")
    expect(visitor.page.get_by_text("2 online")).to_be_visible()
    api.add_message(1, "two")
    expect(visitor.messages).to_have_text(["one", "two"])


def test_without_numbers_an_event_leads_to_a_question_and_tells_nothing(
    api: FakeApi, live: FakeLive, enter: Visit
) -> None:
    api.release = 4
    visitor = enter()
    message = api.add_message(api.add_user("grace"), "one")
    expect(visitor.messages).to_have_text(["one"])
    live.push("Message", message | {"id": 9, "source": "?", "html": "?"})
    api.change_message(message, "uno")
    api.add_message(1, "two")
    expect(visitor.messages).to_have_text(["uno", "two"])


def test_what_changes_while_history_loads_is_there(
    api: FakeApi, live: FakeLive, enter: Visit
) -> None:
    for number in range(60):
        api.add_message(1, f"message {number}")
    visitor = enter(viewport={"width": 600, "height": 300})
    expect(visitor.messages).to_have_count(50)

    def answer_late(route: Route) -> None:
        response = route.fetch()
        api.change_message(api.messages[0], "edited")
        api.add_message(1, "later")
        expect(visitor.messages.last).to_have_text("later")
        route.fulfill(response=response)

    visitor.page.route("**/api/messages?before_id=*", answer_late)
    visitor.scroller.evaluate("box => { box.scrollTop = 0; }")
    expect(visitor.messages).to_have_count(61)
    expect(visitor.messages.first).to_have_text("edited")
