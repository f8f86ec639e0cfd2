"""Being told of news while one looks elsewhere."""

from collections.abc import Callable
from typing import Any

import pytest
from fake_api import FakeApi
from fake_live import FakeLive
from playwright.sync_api import expect
from test_web_push import CLICK, SHOWN, wait_for, wait_for_worker
from visitor import Visitor

Visit = Callable[..., Visitor]

# Notes what the system would show, and what would be heard.
NOTE = """
    window.told = [];
    window.Notification = class {
        static permission = "default";
        static async requestPermission() {
            return (Notification.permission = window.answer ?? "granted");
        }
        constructor(title, { body }) {
            window.told.push([title, body]);
            window.last = this;
        }
        close() {}
    };
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...when) {
        window.tones = (window.tones ?? 0) + 1;
        return start.apply(this, when);
    };
"""


@pytest.fixture
def listening(api: FakeApi, live: FakeLive, enter: Visit) -> Visitor:
    """The page of ada, who is in the room "design" with grace."""
    api.add_room("design", api.add_user("grace"), 1)
    visitor = enter(alone=True)
    visitor.page.add_init_script(NOTE)
    visitor.page.reload()
    expect(visitor.rooms).to_have_count(2)
    live.wait_for(lambda: live.connections == 2 and all(live.tokens.values()))
    return visitor


def turn_on(visitor: Visitor, what: str) -> None:
    """Turn a setting on, and close the dialog."""
    visitor.button("Account").click()
    visitor.dialog.get_by_label(what).click()
    visitor.page.keyboard.press("Escape")
    expect(visitor.dialog).to_have_count(0)
    # What was open leaves the history a moment later, which would end a reload.
    visitor.page.wait_for_function("() => !history.state?.isLayer")


def told(visitor: Visitor) -> Any:
    """Return what the system has shown."""
    return visitor.page.evaluate("window.told")


def wait_until_told(api: FakeApi, visitor: Visitor, count: int) -> None:
    """Wait until the system has shown so much."""
    assert api.live
    api.live.wait_for(lambda: len(told(visitor)) == count)


def test_a_notification_tells_of_a_message_and_leads_to_it(
    api: FakeApi, listening: Visitor
) -> None:
    turn_on(listening, "Show a notification")
    api.add_message(2, "in sight", at=4_000_000_000, room=2)
    expect(listening.room("design")).to_contain_text("1 unread")
    assert told(listening) == []
    listening.hide()
    api.add_message(2, "out of sight", at=4_000_000_001, room=2)
    wait_until_told(api, listening, 1)
    assert told(listening) == [["grace · design", "out of sight"]]
    listening.hide(False)
    listening.page.evaluate("window.last.onclick()")
    expect(listening.title).to_have_text("design")
    expect(listening.page.locator(".message.target")).to_contain_text("out of sight")


def test_a_service_worker_shows_it_until_somebody_signs_out(
    api: FakeApi, enter: Visit
) -> None:
    api.add_room("design", api.add_user("grace"), 1)
    allowed = {"service_workers": "allow", "permissions": ["notifications"]}
    visitor = enter(alone=True, **allowed)
    worker = wait_for_worker(visitor)
    turn_on(visitor, "Show a notification")
    visitor.hide()
    first, second = (
        api.add_message(2, text, at=4_000_000_000, room=2)["id"]
        for text in ("out of sight", "and more")
    )
    assert wait_for(lambda: len(worker.evaluate(SHOWN)) == 2)
    shown = ["grace · design", "out of sight", f"message-{first}"]
    assert shown in worker.evaluate(SHOWN)
    visitor.hide(False)
    worker.evaluate(CLICK, f"message-{first}")
    expect(visitor.page.locator(".message.target")).to_contain_text("out of sight")
    assert [tag for *_, tag in worker.evaluate(SHOWN)] == [f"message-{second}"]
    visitor.button("Sign out").click()
    assert wait_for(lambda: worker.evaluate(SHOWN) == [])


def test_only_what_somebody_wants_is_told(
    api: FakeApi, live: FakeLive, listening: Visitor
) -> None:
    turn_on(listening, "Show a notification")
    api.rooms[1]["members"][1]["notify"] = "mentions"
    api.change_room(2, topic="new")
    listening.page.reload()
    expect(listening.rooms).to_have_count(2)
    listening.button("Account").click()
    expect(listening.dialog.get_by_label("Show a notification")).to_be_checked()
    listening.page.keyboard.press("Escape")
    listening.page.evaluate("Notification.permission = 'granted'")
    live.wait_for(lambda: live.connections == 3 and all(live.tokens.values()))
    listening.hide()
    for number, text in enumerate(("not for ada", "for @ada", "by ada, @ada")):
        author = 1 if text.startswith("by") else 2
        api.add_message(author, text, at=4_000_000_000 + number, room=2)
    api.add_message(2, "the last one", at=4_000_000_000)
    wait_until_told(api, listening, 2)
    assert [body for _, body in told(listening)] == ["for @ada", "the last one"]


def test_a_browser_that_does_not_allow_it_is_named(listening: Visitor) -> None:
    listening.page.evaluate("window.answer = 'denied'")
    listening.button("Account").click()
    box = listening.dialog.get_by_label("Show a notification")
    box.click()
    expect(listening.dialog.get_by_text("does not allow it")).to_be_visible()
    expect(box).not_to_be_checked()


def test_a_sound_is_played_for_another_room(
    api: FakeApi, live: FakeLive, listening: Visitor
) -> None:
    turn_on(listening, "Play a sound")
    live.wait_for(lambda: listening.page.evaluate("window.tones") == 2)
    api.add_message(2, "ping", at=4_000_000_000, room=2)
    live.wait_for(lambda: listening.page.evaluate("window.tones") == 4)
    assert told(listening) == []


def test_a_sound_that_the_browser_has_stopped_goes_on(run: Callable[..., Any]) -> None:
    body = """
        const Real = AudioContext;
        let made;
        globalThis.AudioContext = class extends Real {
            constructor() { super(); made = this; }
        };
        await module.chime();
        await made.suspend();
        await module.chime();
        globalThis.AudioContext = Real;
        return made.state;
    """
    assert run("../sound", body) == "running"
