"""Browsers are told of mentions and direct messages while no page is open."""

import time

import pytest
from chat import Users, registry_of_sessions
from push_service import claims_in
from some_rooms import leave
from web_pushing import SETTINGS, direct, wait_for

from microflack_common.testing import running
from microflack_messages.people import People
from microflack_messages.web_push import queue

pytest_plugins = ["web_push_fixtures"]

BUSY = ("503 Service Unavailable",)


@pytest.fixture(scope="module")
def settings(settings):
    """Return the settings with those of web push."""
    return settings | SETTINGS


@pytest.fixture(scope="module")
def registry():
    """Return a registry in which sessions can end."""
    return registry_of_sessions()


@pytest.fixture
def named(app, monkeypatch):
    """Let there be ada, bob and eve, who can be mentioned."""
    users = Users()
    for user_id, nickname in enumerate(("ada", "bob", "eve"), 1):
        users.put(user_id, nickname)
    with running(users.app) as url:
        monkeypatch.setitem(app.extensions, "microflack_people", People(url))
        yield


def test_a_direct_message_is_told_without_its_text(
    app, chat, person, service, wait_until_done
):
    bob, ada = person(2).subscribe(), person(1).subscribe()
    room = direct(app, 1, 2)
    message = chat.say(room["id"], 1, "for bob's eyes only")
    wait_until_done()
    told = {"room_id": room["id"], "message_id": message["id"], "kind": "direct"}
    assert bob.browser.told() == [told]
    assert ada.browser.told() == []
    ((headers, body),) = bob.browser.accepted()
    assert headers["CONTENT_ENCODING"] == "aes128gcm"
    assert (headers["TTL"], headers["URGENCY"]) == ("86400", "high")
    assert headers["TOPIC"] == f"room-{room['id']}"
    assert len(body) <= 4096
    key = bob.call("GET").json["public_key"]
    claims = claims_in(headers["AUTHORIZATION"], key, service.url)
    assert time.time() < claims["exp"] <= time.time() + 24 * 3600
    assert claims["sub"] == "https://localhost/"


def test_who_wants_the_text_is_told_who_says_what_and_where(
    app, chat, person, named, wait_until_done
):
    bob = person(2).subscribe(wants_text=True)
    room = chat.make(1, members=[2], name="design")
    chat.say(room["id"], 1, "@bob " + "x" * 500)
    chat.say(direct(app, 1, 2)["id"], 1, "psst")
    wait_until_done()
    mention, message = bob.browser.told()
    assert (mention["author"], mention["room"]) == ("ada", "design")
    assert mention["text"] == "@bob " + "x" * 135
    assert (message["author"], message["text"]) == ("ada", "psst")
    assert "room" not in message
    # What is longer looks like what is shorter to who cannot read it.
    assert len({len(body) for _, body in bob.browser.accepted()}) == 1


def test_in_other_rooms_only_who_is_mentioned_is_told(
    chat, person, named, wait_until_done
):
    ada, bob, eve = (person(one).subscribe() for one in (1, 2, 3))
    room = chat.make(1, members=[2])["id"]
    chat.say(room, 1, "nobody")
    chat.say(room, 1, "@ada @bob and @eve, who is not here")
    mention = chat.say(1, 2, "@eve, @bob")
    wait_until_done()
    assert [one["kind"] for one in bob.browser.told()] == ["mention"]
    assert [one["message_id"] for one in eve.browser.told()] == [mention["id"]]
    assert ada.browser.told() == []


@pytest.mark.parametrize(
    "what", ["reads", "mutes", "wants mentions", "leaves", "deleted", "room deleted"]
)
def test_who_need_not_know_any_more_is_not_told(
    app, chat, person, named, wait_until_done, what
):
    bob, other = person(2).subscribe(), person(3).subscribe()
    room = chat.make(1, members=[2]) if "le" in what else direct(app, 1, 2)
    path = room["_links"]["self"]
    source = "hello" if what == "wants mentions" else "@bob"
    if what == "mutes":
        assert chat.put(f"{path}/notify", 2, {"notify": "none"}) == 204
    if what == "wants mentions":
        assert chat.put(f"{path}/notify", 2, {"notify": "mentions"}) == 204
    message = chat.say(room["id"], 1, source)
    if what == "reads":
        assert chat.put(f"{path}/read", 2, {"up_to": message["id"]}) == 204
    if what == "leaves":
        leave(app, room["id"], 2)
    if what == "deleted":
        assert chat.delete(message["_links"]["self"]) == 204
    if what == "room deleted":
        assert chat.delete(path) == 204
    chat.say(direct(app, 1, 3)["id"], 1)
    wait_until_done()
    assert (len(bob.browser.told()), len(other.browser.told())) == (0, 1)


@pytest.mark.parametrize(
    "status", ["404 Not Found", "410 Gone", "401 Unauthorized", "403 Forbidden"]
)
def test_a_dead_subscription_ends(
    app, chat, person, service, start_worker, sql, status
):
    bob, phone = person(2).subscribe(), person(2).subscribe()
    service.answers[bob.browser.path] = (status,)
    room = direct(app, 1, 2)["id"]
    chat.say(room, 1)
    start_worker()
    wait_for(lambda: bob.subscription() is None)
    wait_for(lambda: len(phone.browser.told()) == 1)
    assert phone.subscription() == {"wants_text": False}


def test_a_busy_push_service_is_asked_again_when_it_wants_to_be(
    app, chat, person, service, start_worker, sql
):
    bob, other = person(2).subscribe(), person(3).subscribe()
    service.answers[bob.browser.path] = (*BUSY, ("Retry-After", "2000"))
    message = chat.say(direct(app, 1, 2)["id"], 1)
    began = int(time.time())
    start_worker()
    paused = "SELECT next_at FROM push_subscriptions WHERE user_id = 2 AND failures = 1"
    wait_for(lambda: sql(paused))
    assert began + 2000 <= sql(paused)[0] <= time.time() + 2000
    # Others do not wait for it, and it is not asked meanwhile.
    chat.say(direct(app, 1, 3)["id"], 1)
    wait_for(lambda: other.browser.told())
    assert [path for path, *_ in service.came].count(bob.browser.path) == 1
    service.answers.clear()
    sql("UPDATE push_subscriptions SET next_at = 0")
    wait_for(lambda: not sql("SELECT id FROM pushes"))
    assert [one["message_id"] for one in bob.browser.told()] == [message["id"]]
    failures = "SELECT failures FROM push_subscriptions WHERE user_id = 2"
    wait_for(lambda: sql(failures) == [0])


def test_only_so_many_wait_for_one_subscription(
    app, chat, person, start_worker, sql, monkeypatch
):
    monkeypatch.setattr(queue, "MOST_WAITING", 2)
    person(2).subscribe()
    other = person(3).subscribe()
    later = int(time.time()) + 3600
    sql("UPDATE push_subscriptions SET next_at = :at WHERE user_id = 2", at=later)
    room_id = direct(app, 1, 2)["id"]
    first, second, _ = (chat.say(room_id, 1)["id"] for _ in range(3))
    chat.say(direct(app, 1, 3)["id"], 1)
    start_worker()
    # It is settled in their order who is told.
    wait_for(lambda: other.browser.told())
    query = "SELECT message_id FROM pushes JOIN push_subscriptions AS one"
    query += " ON one.id = subscription_id WHERE user_id = 2 ORDER BY message_id"
    assert sql(query) == [first, second]


def test_what_a_push_service_refuses_is_not_sent_again(
    app, chat, person, service, wait_until_done
):
    bob = person(2).subscribe()
    service.answers[bob.browser.path] = ("413 Content Too Large",)
    chat.say(direct(app, 1, 2)["id"], 1)
    wait_until_done()
    assert len(service.came) == 1
    assert bob.subscription() == {"wants_text": False}


def test_several_instances_send_each_push_once(
    app, chat, person, start_worker, wait_until_done
):
    bob, phone = person(2).subscribe(), person(2).subscribe()
    room = direct(app, 1, 2)["id"]
    said = [chat.say(room, 1)["id"] for _ in range(20)]
    start_worker()
    start_worker()
    wait_until_done()
    for one in (bob, phone):
        assert sorted(told["message_id"] for told in one.browser.told()) == said


def test_what_an_instance_had_claimed_that_died_another_one_sends(
    app, chat, person, start_worker, wait_until_done, sql
):
    bob, other = person(2).subscribe(), person(3).subscribe()
    later = int(time.time()) + 60
    sql("UPDATE push_subscriptions SET next_at = :at WHERE user_id = 2", at=later)
    chat.say(direct(app, 1, 2)["id"], 1)
    chat.say(direct(app, 1, 3)["id"], 1)
    start_worker()
    wait_for(lambda: other.browser.told())
    assert bob.browser.told() == []
    sql("UPDATE push_subscriptions SET next_at = 1")
    wait_until_done()
    assert len(bob.browser.told()) == 1


def test_an_edit_tells_those_whom_it_mentions_only_now(
    chat, person, named, wait_until_done
):
    bob, eve = person(2).subscribe(), person(3).subscribe()
    message = chat.say(1, 1, "@bob look")
    wait_until_done()
    assert (len(bob.browser.told()), len(eve.browser.told())) == (1, 0)
    # She has read it, and it did not name her.
    read = {"up_to": message["id"]}
    assert chat.put("/api/rooms/1/read", 3, read) == 204
    path = message["_links"]["self"]
    for source in ("@bob and @eve: look", "@bob and @eve: look again"):
        assert chat.put(path, 1, {"source": source}) == 204
    wait_until_done()
    assert [one["kind"] for one in bob.browser.told()] == ["mention"]
    assert [one["message_id"] for one in eve.browser.told()] == [message["id"]]


def test_whom_an_edit_mentions_before_it_is_settled_is_told_once(
    app, chat, person, named, wait_until_done
):
    bob, eve = person(2).subscribe(), person(3).subscribe()
    for room_id in (1, direct(app, 1, 2)["id"]):
        message = chat.say(room_id, 1, "look, @eve")
        source = {"source": "look, @bob, @eve"}
        assert chat.put(message["_links"]["self"], 1, source) == 204
    wait_until_done()
    assert [one["kind"] for one in bob.browser.told()] == ["mention", "direct"]
    assert [one["kind"] for one in eve.browser.told()] == ["mention"]
