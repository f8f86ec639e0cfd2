"""What others do arrives, once, and looks right."""

import re
import time
from collections.abc import Callable

import pytest
from fake_api import FakeApi
from playwright.sync_api import Route, expect
from visitor import Visitor

Visit = Callable[..., Visitor]
DAY = 24 * 60 * 60


def test_two_people_chat(api: FakeApi, ada: Visit, visit: Visit) -> None:
    api.add_user("grace")
    first, second = ada(), visit()
    second.sign_in("grace")
    first.say("hello grace")
    expect(first.messages).to_have_text(["hello grace"])
    second.poll()
    expect(second.messages).to_have_text(["hello grace"])
    second.say("hello ada")
    expect(second.messages).to_have_count(2)
    first.poll()
    for visitor in (first, second):
        expect(visitor.messages).to_have_text(["hello grace", "hello ada"])
        expect(visitor.page.locator(".author")).to_have_text(["ada", "grace"])


@pytest.mark.parametrize(
    ("release", "query"), [(7, "after"), (6, "after"), (4, "updated_since")]
)
def test_what_is_asked_again_at_each_poll_is_shown_once(
    api: FakeApi, ada: Visit, release: int, query: str
) -> None:
    api.release = release
    visitor = ada()
    for text in ("one", "two"):
        visitor.say(text)
    for _ in range(2):
        with visitor.page.expect_response(f"**/api/messages?{query}=*"):
            visitor.poll()
    expect(visitor.messages).to_have_text(["one", "two"])


@pytest.mark.parametrize("release", [7, 6, 4])
def test_after_a_gap_every_page_of_changes_is_fetched(
    api: FakeApi, ada: Visit, release: int
) -> None:
    api.release = release
    visitor = ada()
    with api.lock:
        for number in range(230):
            api.add_message(1, f"message {number}")
    visitor.poll()
    expect(visitor.messages).to_have_count(230)


def test_what_was_not_fetched_after_a_gap_is_asked_for_again(
    api: FakeApi, ada: Visit
) -> None:
    visitor = ada()
    asked = []

    def answer(route: Route) -> None:
        asked.append(route)
        if len(asked) == 2:
            route.fulfill(status=503)
        else:
            route.continue_()

    visitor.page.route("**/api/messages?after=*", answer)
    with api.lock:
        for number in range(130):
            api.add_message(1, f"message {number}")
    visitor.poll()
    expect(visitor.messages).to_have_count(130)
    assert len(asked) > 2


@pytest.mark.parametrize("last", [0, 1000])
def test_a_service_that_begins_to_count_or_counts_anew_is_followed(
    api: FakeApi, ada: Visit, last: int
) -> None:
    api.release, api.last_change = (7, last) if last else (4, 0)
    visitor = ada()
    with visitor.page.expect_response("**/api/messages"):
        visitor.say("before")
    api.count_anew()
    api.add_message(1, "after")
    visitor.poll()
    expect(visitor.messages).to_have_text(["before", "after"])
    with visitor.page.expect_response(f"**/api/messages?after={api.last_change}&*"):
        visitor.poll()


def test_nobody_has_said_anything_yet(ada: Visit) -> None:
    visitor = ada()
    expect(visitor.page.get_by_text("Nobody has said anything yet")).to_be_visible()
    visitor.say("then I begin")
    expect(visitor.messages).to_have_text(["then I begin"])
    expect(visitor.page.get_by_text("Nobody has said anything")).to_have_count(0)


def test_days_are_set_apart_and_neighbours_grouped(api: FakeApi, ada: Visit) -> None:
    now = time.time()
    for at in (now - 400 * DAY, now - DAY, now - 1, now):
        api.add_message(1, "hello", at)
    visitor = ada()
    labels = visitor.page.locator(".day-label")
    expect(labels).to_have_text(
        [re.compile(r"\w+,? \d+ \w+ \d{4}"), "Yesterday", "Today"]
    )
    expect(visitor.page.locator(".group")).to_have_count(3)


def test_a_message_shows_its_html_and_link_cards(api: FakeApi, ada: Visit) -> None:
    card = (
        '<div class="link-card"><a class="link-card-title" href="https://x.test">T</a>'
    )
    api.add_message(1, "*hi*", markup=f"<em>hi</em>{card}</div>")
    visitor = ada()
    expect(visitor.messages.locator("em")).to_have_text("hi")
    link = visitor.page.get_by_role("link", name="T")
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", "nofollow noopener noreferrer")


def test_a_message_that_is_not_rendered_yet_shows_its_source_as_text(
    api: FakeApi, ada: Visit
) -> None:
    api.add_message(1, "<b>soon</b>")["html"] = ""
    visitor = ada()
    expect(visitor.messages).to_have_text(["<b>soon</b>"])


def test_scripts_that_slip_into_a_message_do_not_run(api: FakeApi, ada: Visit) -> None:
    payload = '<img src="/static/icon.svg" onload="document.title=1">and text'
    api.add_message(1, "x", markup=payload)
    visitor = ada()
    expect(visitor.messages).to_have_text(["and text"])
    expect(visitor.page).to_have_title("MicroFlack")
    refused = "Executing inline event handler violates"
    visitor.problems[:] = [one for one in visitor.problems if refused not in one]


def test_presence_is_shown_and_follows(api: FakeApi, ada: Visit) -> None:
    grace = api.add_user("grace", online=False)
    visitor = ada()
    person = visitor.page.locator(".person").filter(has_text="grace")
    expect(person).to_contain_text("offline")
    expect(visitor.page.get_by_text("1 online")).to_be_visible()
    api.set_online(grace, True)
    visitor.poll()
    expect(person).to_contain_text("online")
    expect(visitor.page.get_by_text("2 online")).to_be_visible()


def test_the_title_counts_what_others_wrote_while_nobody_looked(
    api: FakeApi, ada: Visit
) -> None:
    grace = api.add_user("grace")
    visitor = ada()
    visitor.hide()
    api.add_message(grace, "one")
    api.add_message(grace, "two")
    api.add_message(1, "my own, from elsewhere")
    visitor.poll()
    expect(visitor.page).to_have_title("(2) MicroFlack")
    visitor.hide(False)
    expect(visitor.page).to_have_title("MicroFlack")


def test_a_line_is_drawn_above_the_first_unread_message(
    api: FakeApi, ada: Visit
) -> None:
    grace = api.add_user("grace")
    api.add_message(grace, "seen")
    visitor = ada()
    line = visitor.page.locator(".unread-line + .avatar ~ .messages > .message")
    expect(line).to_have_count(0)
    visitor.hide()
    api.add_message(grace, "one")
    api.add_message(grace, "two")
    visitor.poll()
    expect(visitor.page).to_have_title("(2) MicroFlack")
    visitor.hide(False)
    expect(line.locator(".body")).to_have_text(["one", "two"])
    visitor.say("I read it")
    expect(line).to_have_count(0)


def test_a_screen_reader_hears_what_others_write_and_no_history(
    api: FakeApi, ada: Visit
) -> None:
    grace = api.add_user("grace")
    api.add_message(grace, "long ago")
    visitor = ada()
    api.add_message(grace, "just now")
    visitor.poll()
    expect(visitor.page.get_by_role("log")).to_have_text("grace: just now")


def test_trouble_is_told_and_ends(api: FakeApi, ada: Visit) -> None:
    visitor = ada()
    api.fail("GET", "/messages", 503, "The database is away.")
    visitor.poll()
    expect(visitor.connection).to_have_text("Reconnecting… The database is away.")
    api.recover()
    visitor.button("Try now").click()
    expect(visitor.connection).to_have_text("Online")


def test_being_offline_is_told_and_ends(ada: Visit) -> None:
    visitor = ada()
    visitor.page.context.set_offline(True)
    expect(visitor.connection).to_have_text("You are offline")
    visitor.page.context.set_offline(False)
    expect(visitor.connection).to_have_text("Online")


def test_what_works_is_shown_while_another_service_is_away(
    api: FakeApi, ada: Visit
) -> None:
    visitor = ada()
    api.fail("GET", "/users", 503)
    api.add_message(1, "still here")
    visitor.poll()
    expect(visitor.messages).to_have_text(["still here"])
    expect(visitor.connection).to_contain_text("Reconnecting…")
