"""Two people in two browsers, with everything real in between."""

import os
import signal
import time

from playwright.sync_api import expect


def register(visitor, nickname):
    visitor.page.get_by_role("button", name="Create an account").click()
    visitor.sign_in(nickname)


def unique(nickname):
    return f"{nickname}-{os.urandom(3).hex()}"


def test_two_browsers_chat_with_each_other(visit):
    ada, grace = unique("ada"), unique("grace")
    first, second = visit(), visit()
    register(first, ada)
    register(second, grace)

    first.say("hello *grace*!")
    seen = second.messages.filter(has_text="hello grace!")
    expect(seen.locator("em")).to_have_text("grace")
    second.say(f"hello {ada}")
    expect(first.messages.filter(has_text=f"hello {ada}")).to_be_visible()

    for visitor, other in ((first, grace), (second, ada)):
        entry = visitor.page.locator(".person", has_text=other)
        expect(entry).to_contain_text("online")


def test_an_edit_in_one_browser_shows_in_the_other(visit):
    first, second = visit(), visit()
    register(first, unique("ada"))
    register(second, unique("grace"))
    word = unique("word")
    first.say(f"{word} with a tpyo")
    expect(second.messages.filter(has_text=word)).to_contain_text("tpyo")
    first.composer.press("ArrowUp")
    first.editor.fill(f"{word} without")
    first.editor.press("Enter")
    expect(second.messages.filter(has_text=word)).to_have_text(f"{word} without")


def test_a_reload_shows_the_same_conversation(visit):
    visitor = visit()
    register(visitor, unique("ada"))
    word = unique("word")
    visitor.say(word)
    expect(visitor.messages.filter(has_text=word)).to_be_visible()
    visitor.page.reload()
    expect(visitor.messages.filter(has_text=word)).to_have_count(1)


def test_a_killed_instance_between_two_browsers_is_not_noticed_for_long(
    platform, visit
):
    first, second = visit(), visit()
    register(first, unique("ada"))
    register(second, unique("grace"))
    word = unique("word")
    (instance,) = platform.instances("messages")
    os.kill(instance["pid"], signal.SIGKILL)
    first.say(word)
    expect(second.messages.filter(has_text=word)).to_have_count(1, timeout=300_000)
    expect(first.messages.filter(has_text=word)).to_have_count(1)


def test_a_session_that_one_window_ends_signs_the_other_out(visit):
    first, second = visit(), visit()
    register(first, unique("ada"))
    # Another browser with the same session, as if it had been copied.
    kept = first.page.context.storage_state()
    second.page.context.add_cookies(kept["cookies"])
    copy = "items => items.forEach(({ name, value }) => localStorage[name] = value)"
    second.page.evaluate(copy, kept["origins"][0]["localStorage"])
    second.page.reload()
    expect(second.connection).to_have_text("Online")
    first.page.get_by_role("button", name="Sign out").click()
    expect(second.page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(second.page.locator(".note")).to_contain_text("session ended")


def test_a_killed_live_connection_misses_nothing_and_shows_nothing_twice(
    platform, visit
):
    first, second = visit(), visit()
    register(first, unique("ada"))
    register(second, unique("grace"))
    word = unique("word")
    first.say(f"{word} before")
    expect(second.messages.filter(has_text=f"{word} before")).to_have_count(1)
    (instance,) = platform.instances("socketio")
    os.kill(instance["pid"], signal.SIGKILL)
    first.say(f"{word} meanwhile")
    expect(second.messages.filter(has_text=f"{word} meanwhile")).to_have_count(1)
    wait_until_back(platform, instance)
    expect(second.connection).to_have_text("Online", timeout=30_000)
    first.say(f"{word} after")
    expect(second.messages.filter(has_text=f"{word} after")).to_have_count(1)
    expect(second.messages.filter(has_text=word)).to_have_count(3)
    expect(first.messages.filter(has_text=word)).to_have_count(3)


def wait_until_back(platform, killed, patience=30):
    """Wait until a killed instance runs again and is sent requests."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        (row,) = platform.instances(killed["service"])
        if row["pid"] != killed["pid"] and row["health"] == row["routed"] == "ready":
            return
        time.sleep(0.1)
    raise AssertionError(f"{killed['instance']} does not come back")
