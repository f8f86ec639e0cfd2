"""Sending, failing, trying again."""

import time
from collections.abc import Callable

import pytest
from fake_api import FakeApi
from fake_data import TIMEOUT_SECONDS
from playwright.sync_api import expect
from visitor import Visitor, keys_of

Visit = Callable[..., Visitor]


@pytest.fixture
def ada_with_clock(ada: Visit) -> Visitor:
    """The page of ada with a clock that the test moves."""
    visitor = ada(alone=True)
    visitor.page.clock.install()
    visitor.page.reload()
    expect(visitor.connection).to_have_text("Online")
    return visitor


def let_attempts_pass(visitor: Visitor) -> None:
    """Move the page's clock on until it has given up for now."""
    end = time.monotonic() + TIMEOUT_SECONDS
    while not visitor.page.get_by_text("Not sent yet.").count():
        assert time.monotonic() < end
        visitor.page.clock.run_for(1000)


def test_enter_sends_and_shift_enter_starts_a_line(api: FakeApi, ada: Visit) -> None:
    visitor = ada()
    visitor.composer.press_sequentially("one")
    visitor.composer.press("Shift+Enter")
    visitor.composer.press_sequentially("two")
    visitor.composer.press("Enter")
    expect(visitor.messages).to_have_text(["one two"])
    expect(visitor.composer).to_have_value("")
    assert api.messages[0]["source"] == "one\ntwo"


# Chromium says that a word is being composed; Safari only has the old code of the key.
@pytest.mark.parametrize("sign", [{"isComposing": True}, {"keyCode": 229}])
def test_keys_of_an_input_method_send_and_drop_nothing(
    api: FakeApi, ada: Visit, sign: dict[str, object]
) -> None:
    api.add_message(1, "hello")
    visitor = ada()
    expect(visitor.messages).to_have_count(1)
    common = {"bubbles": True, "cancelable": True, **sign}
    visitor.composer.press("ArrowUp")
    visitor.editor.fill("にほん")
    for key in ("Escape", "Enter"):
        visitor.editor.dispatch_event("keydown", {"key": key, **common})
    expect(visitor.editor).to_have_value("にほん")
    visitor.editor.press("Escape")
    visitor.composer.fill("にほん")
    visitor.composer.dispatch_event("keydown", {"key": "Enter", **common})
    visitor.composer.fill("")
    visitor.composer.dispatch_event("keydown", {"key": "ArrowUp", **common})
    expect(visitor.editor).to_have_count(0)
    assert [message["source"] for message in api.messages] == ["hello"]


def test_what_is_left_of_a_long_message_is_told(api: FakeApi, ada: Visit) -> None:
    visitor = ada()
    visitor.composer.fill("🎈" * 16_000)
    expect(visitor.page.locator(".counter")).to_have_text("384 characters left")
    visitor.composer.fill("x" * 16_385)
    expect(visitor.page.locator(".counter")).to_have_text("1 character too many")
    expect(visitor.button("Send")).to_be_disabled()
    visitor.composer.press("Enter")
    expect(visitor.composer).to_have_value("x" * 16_385)
    visitor.composer.fill("x" * 16_384)
    visitor.composer.press("Enter")
    expect(visitor.composer).to_have_value("")
    assert len(api.messages[0]["source"]) == 16_384


def test_nothing_is_not_sent(api: FakeApi, ada: Visit) -> None:
    visitor = ada()
    visitor.say("  \n ")
    expect(visitor.button("Send")).to_be_disabled()
    visitor.say("something")
    expect(visitor.messages).to_have_text(["something"])


def test_the_field_grows_with_its_text_up_to_a_bound(ada: Visit) -> None:
    visitor = ada()

    def height() -> float:
        return float(visitor.composer.evaluate("field => field.offsetHeight"))

    low = height()
    visitor.composer.fill("a\nb\nc")
    assert height() > low
    visitor.composer.fill("a\n" * 200)
    assert height() <= 0.4 * 720 + 1


def test_a_lost_answer_is_asked_for_again_and_stored_once(
    api: FakeApi, ada: Visit
) -> None:
    visitor = ada()
    api.lose_next_answer()
    visitor.say("only once")
    expect(visitor.outgoing).to_have_count(0)
    expect(visitor.messages).to_have_text(["only once"])
    assert len(api.messages) == 1
    assert len(keys_of(api)) == 2 and len(set(keys_of(api))) == 1


def test_a_slow_answer_shows_as_sending_and_holds_nothing_up(
    api: FakeApi, ada: Visit
) -> None:
    visitor = ada()
    api.gate.clear()
    visitor.say("on its way")
    expect(visitor.outgoing).to_contain_text("Sending…")
    api.add_message(api.add_user("grace"), "meanwhile")
    visitor.poll()
    expect(visitor.messages).to_have_text(["meanwhile"])
    api.gate.set()
    expect(visitor.messages).to_have_text(["meanwhile", "on its way"])
    expect(visitor.outgoing).to_have_count(0)


def test_what_is_written_offline_goes_out_in_its_order_without_a_click(
    api: FakeApi, ada: Visit
) -> None:
    visitor = ada()
    visitor.page.context.set_offline(True)
    texts = ["one", "two", "three"]
    for text in texts:
        visitor.say(text)
    expect(visitor.outgoing).to_contain_text(["Not sent yet."] * 3)
    visitor.page.context.set_offline(False)
    expect(visitor.messages).to_have_text(texts)
    assert [message["source"] for message in api.messages] == texts


def test_what_failed_goes_out_when_the_servers_are_back(
    api: FakeApi, ada_with_clock: Visitor
) -> None:
    visitor = ada_with_clock
    for method in ("GET", "POST"):
        api.fail(method, "/messages", 503)
    visitor.say("patience")
    let_attempts_pass(visitor)
    expect(visitor.connection).to_contain_text("Reconnecting…")
    api.recover()
    visitor.page.clock.run_for(30_000)
    expect(visitor.messages).to_have_text(["patience"])


def test_what_cannot_be_sent_holds_up_what_was_written_after_it(
    api: FakeApi, ada_with_clock: Visitor
) -> None:
    visitor = ada_with_clock
    api.fail("POST", "/messages", 503, "The database is away.")
    for text in ("one", "two"):
        visitor.say(text)
    let_attempts_pass(visitor)
    expect(visitor.outgoing).to_contain_text(["The database is away."] * 2)
    api.recover()
    visitor.button("Try again").last.click()
    expect(visitor.messages).to_have_text(["one", "two"])


def test_after_some_attempts_it_is_left_to_the_reader(
    api: FakeApi, ada_with_clock: Visitor
) -> None:
    visitor = ada_with_clock
    api.fail("POST", "/messages", 503, "The database is away.")
    visitor.say("patience")
    expect(visitor.outgoing).to_contain_text("Sending…")
    let_attempts_pass(visitor)
    expect(visitor.outgoing).to_contain_text("Not sent yet. The database is away.")
    assert len(set(keys_of(api))) == 1
    visitor.button("Discard").click()
    expect(visitor.outgoing).to_have_count(0)


def test_messages_arrive_in_the_order_they_were_written(
    api: FakeApi, ada: Visit
) -> None:
    visitor = ada()
    api.lose_next_answer()
    for number in range(5):
        visitor.say(str(number))
    expect(visitor.outgoing).to_have_count(0)
    assert [message["source"] for message in api.messages] == list("01234")


def test_what_the_server_refuses_can_be_taken_back_and_changed(
    api: FakeApi, ada: Visit
) -> None:
    visitor = ada()
    api.fail("POST", "/messages", 400, "source: at most 20000 characters.")
    visitor.say("too long")
    expect(visitor.outgoing).to_contain_text("Not accepted. At most 20000 characters.")
    api.recover()
    visitor.outgoing.get_by_role("button", name="Edit").click()
    expect(visitor.composer).to_have_value("too long")
    expect(visitor.outgoing).to_have_count(0)
