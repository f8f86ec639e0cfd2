"""Browsers are not told of what those write whom people have blocked."""

import pytest
from chat import Users, registry_of_sessions
from web_pushing import SETTINGS, direct, wait_for

from microflack_common.testing import running
from microflack_messages.people import People
from microflack_messages.web_push.blocked import BlockedPeople

pytest_plugins = ["web_push_fixtures"]

KEY = "the key of services of the tests, long"


@pytest.fixture(scope="module")
def settings(settings):
    """Return the settings with those of web push, and with the key of services."""
    return settings | SETTINGS | {"SERVICE_KEY": KEY}


@pytest.fixture(scope="module")
def registry():
    """Return a registry in which sessions can end."""
    return registry_of_sessions()


@pytest.fixture
def users(app, monkeypatch):
    """Return a users service that believes services: ada, bob, and eve, who is 3."""
    users = Users()
    users.app.config["SERVICE_KEY"] = KEY
    for user_id, nickname in enumerate(("ada", "bob", "eve"), 1):
        users.put(user_id, nickname)
    with running(users.app) as url:
        for name, asking in (("people", People), ("blocked_people", BlockedPeople)):
            monkeypatch.setitem(app.extensions, f"microflack_{name}", asking(url))
        yield users


def test_nobody_is_told_of_what_those_write_whom_they_have_blocked(
    app, chat, person, users, wait_until_done
):
    bob, ada = person(2).subscribe(), person(1).subscribe()
    users.blocked = {2: [3]}
    for sender in (1, 3):
        chat.say(direct(app, sender, 2)["id"], sender, "psst")
        chat.say(1, sender, "@bob, @ada")
    wait_until_done()
    told = [one["kind"] for one in bob.browser.told()]
    assert sorted(told) == ["direct", "mention"]
    # Nobody else is told less.
    assert [one["kind"] for one in ada.browser.told()] == ["mention"]


def test_what_may_come_from_somebody_blocked_waits_until_that_is_known(
    app, chat, person, users, start_worker, sql
):
    bob = person(2).subscribe()
    users.blocked, users.blocked_status = {2: [3]}, 503
    for sender in (3, 1):
        chat.say(direct(app, sender, 2)["id"], sender)
    worker = start_worker()
    wait_for(lambda: "/api/users/me/blocked" in users.asked)
    worker.stop()
    assert bob.browser.told() == []
    users.blocked_status = None
    # As if the time was over for which that instance has claimed it.
    sql("UPDATE push_subscriptions SET next_at = 1")
    start_worker()
    wait_for(lambda: not sql("SELECT id FROM pushes"))
    assert len(bob.browser.told()) == 1


@pytest.mark.parametrize("status", [404, 405])
def test_beside_a_release_that_knows_no_blocks_all_is_told(
    app, chat, person, users, wait_until_done, status
):
    bob = person(2).subscribe()
    users.blocked_status = status
    chat.say(direct(app, 1, 2)["id"], 1)
    wait_until_done()
    assert len(bob.browser.told()) == 1
