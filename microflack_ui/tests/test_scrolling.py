"""The reader's place in the conversation, and the page on small screens."""

import time
from collections.abc import Callable

from fake_api import FakeApi
from playwright.sync_api import expect
from visitor import Visitor

Visit = Callable[..., Visitor]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


def fill(api: FakeApi, count: int) -> None:
    """Store messages of very different heights, some hours apart."""
    now = time.time()
    for number in range(count):
        text = f"{number}: " + "and so on " * (number * 37 % 60)
        api.add_message(1, text, now - (count - number) * 1000)


def top_of(visitor: Visitor, text: str) -> float:
    """Return where a message stands on the screen."""
    message = visitor.messages.filter(has_text=text)
    return float(message.evaluate("body => body.getBoundingClientRect().top"))


def is_at_end(visitor: Visitor) -> bool:
    """Say whether the newest message is in view."""
    script = "box => box.scrollHeight - box.scrollTop - box.clientHeight < 2"
    return bool(visitor.scroller.evaluate(script))


def test_the_conversation_opens_at_its_end_and_stays_there(
    api: FakeApi, ada: Visit
) -> None:
    fill(api, 60)
    visitor = ada()
    expect(visitor.messages).to_have_count(60 - 10)
    assert is_at_end(visitor)
    api.add_message(1, "news " * 100)
    visitor.poll()
    expect(visitor.messages).to_have_count(51)
    assert is_at_end(visitor)


def test_history_loads_upward_to_the_beginning_without_a_jump(
    api: FakeApi, ada: Visit
) -> None:
    fill(api, 120)
    visitor = ada()
    expect(visitor.messages).to_have_count(50)
    visitor.scroller.evaluate("box => { box.scrollTop = 700; }")
    before = top_of(visitor, "75: ")
    expect(visitor.messages).to_have_count(100)
    assert abs(top_of(visitor, "75: ") - before) < 1
    visitor.scroller.evaluate("box => { box.scrollTop = 0; }")
    expect(visitor.messages).to_have_count(120)
    expect(visitor.page.get_by_text("where the conversation began")).to_be_attached()
    assert [one["id"] for one in api.messages] == list(range(1, 121))


def test_pages_that_are_cut_do_not_end_the_history(api: FakeApi, ada: Visit) -> None:
    fill(api, 60)
    api.longest_page = 30
    visitor = ada()
    expect(visitor.messages).to_have_count(30)
    visitor.scroller.evaluate("box => { box.scrollTop = 0; }")
    expect(visitor.messages).to_have_count(60)
    expect(visitor.page.get_by_text("where the conversation began")).to_be_attached()


def test_history_that_cannot_be_loaded_is_told_and_tried_again(
    api: FakeApi, ada: Visit
) -> None:
    fill(api, 70)
    visitor = ada()
    expect(visitor.messages).to_have_count(50)
    api.fail("GET", "/messages", 503)
    visitor.scroller.evaluate("box => { box.scrollTop = 0; }")
    edge = visitor.page.locator(".edge")
    expect(edge).to_contain_text("Earlier messages could not be loaded.")
    api.recover()
    edge.get_by_role("button", name="Try again").click()
    expect(visitor.messages).to_have_count(70)


def test_who_reads_above_is_not_moved_but_told_of_new_messages(
    api: FakeApi, ada: Visit
) -> None:
    fill(api, 40)
    grace = api.add_user("grace")
    visitor = ada()
    visitor.scroller.evaluate("box => { box.scrollTop = 300; }")
    expect(visitor.button("Latest messages")).to_be_visible()
    before = top_of(visitor, "20: ")
    api.add_message(grace, "news")
    api.change_message(api.messages[0], "0: much longer " * 90)
    visitor.poll()
    expect(visitor.button("1 new message")).to_be_visible()
    assert abs(top_of(visitor, "20: ") - before) < 1
    visitor.button("1 new message").click()
    expect(visitor.button("Latest messages")).to_have_count(0)
    assert is_at_end(visitor)


def test_who_sends_a_message_sees_it(api: FakeApi, ada: Visit) -> None:
    fill(api, 40)
    visitor = ada()
    visitor.scroller.evaluate("box => { box.scrollTop = 300; }")
    expect(visitor.button("Latest messages")).to_be_visible()
    visitor.say("here I am")
    expect(visitor.messages.filter(has_text="here I am")).to_be_in_viewport()
    assert is_at_end(visitor)


def test_nothing_is_wider_than_a_phone(api: FakeApi, ada: Visit) -> None:
    grace = api.add_user("W" * 32)
    api.add_message(grace, "W" * 500)
    api.add_message(grace, "https://example.com/" + "path/" * 60)
    api.add_message(grace, "x", markup=f"<pre><code>{'code ' * 100}</code></pre>")
    api.add_message(grace, "x", markup=f"<table><tr>{'<td>cell</td>' * 60}</table>")
    visitor = ada(**PHONE)
    expect(visitor.messages).to_have_count(4)
    for box in ("html", ".scroller"):
        script = "box => box.scrollWidth - box.clientWidth"
        assert visitor.page.locator(box).evaluate(script) == 0
    expect(visitor.composer).to_be_in_viewport(ratio=1)
    expect(visitor.button("Send")).to_be_in_viewport(ratio=1)


def test_trouble_fits_the_smallest_phone(api: FakeApi, ada: Visit) -> None:
    visitor = ada(viewport={"width": 320, "height": 568})
    api.fail("GET", "/messages", 503, "The database is away.")
    visitor.poll()
    expect(visitor.button("Try now")).to_be_in_viewport(ratio=1)
    width = visitor.page.locator(".conversation > .bar").evaluate(
        "bar => bar.scrollWidth"
    )
    assert width <= 320


def test_on_a_phone_people_are_one_tap_away_and_close_with_escape(ada: Visit) -> None:
    visitor = ada(**PHONE)
    people = visitor.page.get_by_role("list", name="People")
    expect(people).to_be_hidden()
    visitor.button("People").tap()
    expect(people).to_be_visible()
    expect(visitor.button("Close")).to_be_focused()
    visitor.page.keyboard.press("Escape")
    expect(people).to_be_hidden()
    expect(visitor.button("People")).to_be_focused()
