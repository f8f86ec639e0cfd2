"""Being told of messages while no page is open: the browser's half of web push."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from fake_api import FakeApi
from fake_data import TIMEOUT_SECONDS
from fake_push import PUBLIC_KEY
from playwright.sync_api import Worker, expect
from visitor import Visitor

Visit = Callable[..., Visitor]

# Browsers of tests reach no push service: what it would give, this does.
SUBSCRIBED = """
    const stub = (key, isKept) => ({
        options: { applicationServerKey: Uint8Array.from(
            atob(key.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0)
        ).buffer },
        toJSON: () => ({ endpoint: `https://push.example/${key.slice(-4)}`,
            keys: { p256dh: "p", auth: "a" } }),
        unsubscribe: async () => { localStorage.removeItem("stub"); return true; },
    });
    PushManager.prototype.getSubscription = async () => {
        const key = localStorage.getItem("stub");
        return key && stub(key);
    };
    PushManager.prototype.subscribe = async ({ applicationServerKey, ...options }) => {
        if (window.isAway) throw new DOMException("No service.", "AbortError");
        if (!options.userVisibleOnly) throw new TypeError("It has to be visible.");
        localStorage.setItem("stub", applicationServerKey);
        return stub(applicationServerKey);
    };
"""
CHOICE = "Tell me of mentions and direct messages"
WITH_TEXT = "With the text"


@pytest.fixture
def subscriber(api: FakeApi, ada: Visit) -> Visitor:
    """The page of ada, in a browser that can be told."""
    api.add_room("design", api.add_user("grace"), 1)
    visitor = ada(alone=True, service_workers="allow", permissions=["notifications"])
    visitor.page.add_init_script(SUBSCRIBED)
    visitor.page.reload()
    wait_for_worker(visitor)
    return visitor


def wait_for(condition: Callable[[], bool], seconds: float = TIMEOUT_SECONDS) -> bool:
    """Wait until what the page does makes this true; False if that takes too long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def becomes(look: Callable[[], object], expected: object) -> None:
    """Wait until this is seen; say what is seen instead if that takes too long."""
    wait_for(lambda: look() == expected)
    assert look() == expected


def wait_for_worker(visitor: Visitor) -> Worker:
    """Wait until the service worker has taken over, and return it."""
    expect(visitor.connection).to_have_text("Online")
    has_worker = "navigator.serviceWorker.controller !== null"
    for _ in range(3):
        if wait_for(lambda: bool(visitor.page.evaluate(has_worker)), 20):
            break
        # As in ``Visitor``: the machine's network has changed meanwhile.
        visitor.page.reload()
    worker = visitor.page.context.service_workers[-1]
    # It takes over while it begins to be active, and is told nothing before it is.
    becomes(lambda: worker.evaluate("registration.active?.state"), "activated")
    return worker


def open_settings(visitor: Visitor) -> None:
    """Open the account's dialog, as it is now."""
    visitor.page.keyboard.press("Escape")
    expect(visitor.dialog).to_have_count(0)
    visitor.button("Account").click()
    expect(visitor.dialog.get_by_label("Play a sound")).to_be_visible()


def wanted(api: FakeApi) -> list[bool]:
    """Return of each subscription whether it is told the text."""
    return [one["wants_text"] for one in api.subscriptions.values()]


def end_session(api: FakeApi, visitor: Visitor) -> None:
    """End the session, and what it was told, though nobody has signed out."""
    api.subscriptions.clear()
    api.revoke_tokens()
    visitor.poll()
    expect(visitor.page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_somebody_chooses_to_be_told_and_of_what(
    api: FakeApi, subscriber: Visitor
) -> None:
    open_settings(subscriber)
    choice, text = map(subscriber.dialog.get_by_label, (CHOICE, WITH_TEXT))
    expect(choice).not_to_be_checked()
    expect(text).to_be_disabled()
    choice.check()
    expect(text).to_be_enabled()
    expect(choice).to_be_checked()
    assert wait_for(lambda: wanted(api) == [False])
    (sent,) = api.subscriptions.values()
    assert sent["endpoint"] == f"https://push.example/{PUBLIC_KEY[-4:]}"
    assert sent["keys"] == {"p256dh": "p", "auth": "a"}
    text.check()
    assert wait_for(lambda: wanted(api) == [True])
    choice.uncheck()
    assert wait_for(lambda: wanted(api) == [])
    expect(text).to_be_disabled()


def test_what_was_chosen_is_said_again_by_each_page_and_ends_with_the_session(
    api: FakeApi, subscriber: Visitor
) -> None:
    open_settings(subscriber)
    subscriber.dialog.get_by_label(CHOICE).check()
    assert wait_for(lambda: wanted(api) == [False])
    api.subscriptions.clear()
    # The platform's key is another one now.
    api.push_key = "BAAA" + PUBLIC_KEY[4:-4] + "AAAA"
    subscriber.page.reload()
    assert wait_for(lambda: wanted(api) == [False])
    assert api.subscriptions[1]["endpoint"] == "https://push.example/AAAA"
    open_settings(subscriber)
    expect(subscriber.dialog.get_by_label(CHOICE)).to_be_checked()
    subscriber.page.keyboard.press("Escape")
    subscriber.button("Sign out").click()
    is_gone = "localStorage.getItem('stub') === null"
    assert wait_for(lambda: bool(subscriber.page.evaluate(is_gone)))


def test_what_one_has_chosen_is_not_done_for_another(
    api: FakeApi, subscriber: Visitor
) -> None:
    open_settings(subscriber)
    subscriber.dialog.get_by_label(CHOICE).check()
    subscriber.dialog.get_by_label(WITH_TEXT).check()
    assert wait_for(lambda: wanted(api) == [True])
    end_session(api, subscriber)
    subscriber.sign_in("grace")
    open_settings(subscriber)
    expect(subscriber.dialog.get_by_label(CHOICE)).not_to_be_checked()
    subscriber.page.keyboard.press("Escape")
    end_session(api, subscriber)
    subscriber.sign_in("ada")
    assert wait_for(lambda: wanted(api) == [True])
    assert list(api.subscriptions) == [1]


def test_a_browser_that_cannot_be_told_says_so(subscriber: Visitor) -> None:
    open_settings(subscriber)
    subscriber.page.evaluate("window.isAway = true")
    choice = subscriber.dialog.get_by_label(CHOICE)
    choice.click()
    expect(subscriber.dialog.get_by_text("has no push service")).to_be_visible()
    expect(choice).not_to_be_checked()
    subscriber.page.evaluate(
        "Notification.requestPermission = async () => 'denied'; window.isAway = false"
    )
    choice.click()
    expect(subscriber.dialog.get_by_text("does not allow")).to_be_visible()
    expect(choice).not_to_be_checked()


def test_where_nobody_is_told_there_is_nothing_to_choose(
    api: FakeApi, subscriber: Visitor
) -> None:
    api.push_key = ""
    open_settings(subscriber)
    assert wait_for(lambda: any(path.endswith("/push") for _, path, _ in api.requests))
    expect(subscriber.dialog.get_by_text("Where you are signed in")).to_be_visible()
    expect(subscriber.dialog.get_by_label(CHOICE)).to_have_count(0)


def deliver(visitor: Visitor, told: dict[str, Any]) -> None:
    """Have the browser receive this from its push service."""
    session = visitor.page.context.new_cdp_session(visitor.page)
    found: dict[str, str] = {}
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.update(
            {one["scopeURL"]: one["registrationId"] for one in event["registrations"]}
        ),
    )
    session.send("ServiceWorker.enable")
    # Events come while something is asked.
    assert wait_for(lambda: visitor.page.evaluate("true") and visitor.url in found)
    message = {"origin": visitor.url.rstrip("/"), "data": json.dumps(told)}
    message["registrationId"] = found[visitor.url]
    session.send("ServiceWorker.deliverPushMessage", message)
    session.detach()


SHOWN = """async () => (await registration.getNotifications()).map(
    ({ title, body, tag }) => [title, body, tag])"""
NOTE = """() => {
    self.noted = [];
    const show = registration.showNotification.bind(registration);
    registration.showNotification = async (title, options) => {
        await show(title, options);
        self.noted.push(options.tag);
    };
    clients.openWindow = async (path) => { self.opened = path; };
}"""
CLICK = """async (tag) => {
    const [notification] = await registration.getNotifications({ tag });
    dispatchEvent(new NotificationEvent("notificationclick", { notification }));
}"""


def test_a_push_shows_a_notification_that_leads_to_the_message(
    subscriber: Visitor,
) -> None:
    worker = wait_for_worker(subscriber)
    worker.evaluate(NOTE)
    # While a page is in sight it tells itself.
    deliver(subscriber, {"room_id": 1, "message_id": 6, "kind": "direct"})
    becomes(lambda: worker.evaluate("self.noted"), ["message-6"])
    becomes(lambda: worker.evaluate(SHOWN), [])
    subscriber.page.goto("about:blank")
    place = {"room_id": 2, "message_id": 7}
    deliver(subscriber, place | {"kind": "mention"})
    deliver(subscriber, {"room_id": 1, "message_id": 8, "kind": "direct"})
    direct = ["New direct message", "", "message-8"]
    mention = ["You were mentioned", "", "message-7"]
    becomes(lambda: sorted(worker.evaluate(SHOWN)), [direct, mention])
    text = {"author": "grace", "room": "design", "text": "@ada look"}
    deliver(subscriber, place | {"kind": "mention"} | text)
    told = ["grace · design", "@ada look", "message-7"]
    becomes(lambda: sorted(worker.evaluate(SHOWN)), [direct, told])
    worker.evaluate(CLICK, "message-7")
    becomes(lambda: worker.evaluate("self.opened ?? ''"), "/rooms/2/messages/7")
    becomes(lambda: worker.evaluate(SHOWN), [direct])


def test_who_clicks_comes_to_the_message_in_the_page_that_is_open(
    api: FakeApi, subscriber: Visitor
) -> None:
    message = api.add_message(2, "for @ada", at=4_000_000_000, room=2)
    # A page that is in sight shows nothing; this is as if it were not.
    worker = wait_for_worker(subscriber)
    worker.evaluate(
        "data => registration.showNotification('x', { tag: 'x', data })",
        {"roomId": 2, "messageId": message["id"]},
    )
    worker.evaluate(CLICK, "x")
    expect(subscriber.title).to_have_text("design")
    expect(subscriber.page.locator(".message.target")).to_contain_text("for @ada")
