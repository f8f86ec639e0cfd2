"""Browsers subscribe, each for its session, and it ends with that."""

import time

import pytest
from chat import registry_of_sessions
from push_service import to_base64
from web_pushing import PATH, SETTINGS, direct, wait_for

from microflack_messages.web_push import sessions, subscriptions
from microflack_messages.web_push.delivery import Delivery, Outcome, Target
from microflack_messages.web_push.keys import ServerKey

pytest_plugins = ["web_push_fixtures"]


@pytest.fixture(scope="module")
def settings(settings):
    """Return the settings with those of web push."""
    return settings | SETTINGS


@pytest.fixture(scope="module")
def registry():
    """Return a registry in which sessions can end."""
    return registry_of_sessions()


def test_each_session_has_its_own_subscription(person):
    bob, phone, eve = person(2), person(2), person(3)
    assert bob.subscription() is None
    bob.subscribe()
    phone.subscribe(wants_text=True)
    assert bob.subscription() == {"wants_text": False}
    assert phone.subscription() == {"wants_text": True}
    phone.subscribe(wants_text=None)
    assert phone.subscription() == {"wants_text": False}
    for one in (eve, phone, phone):
        assert one.call("DELETE").status_code == 204
    assert phone.subscription() is None
    assert bob.subscription() == {"wants_text": False}


def test_a_browser_belongs_to_who_has_signed_in_there_last(person):
    bob, eve = person(2).subscribe(), person(3)
    eve.browser = bob.browser
    eve.subscribe()
    assert bob.subscription() is None
    # Who knows the address alone takes nothing away.
    mallory = person(4)
    mallory.browser.path = eve.browser.path
    mallory.subscribe()
    assert eve.subscription() == {"wants_text": False}


def test_a_person_has_only_so_many(person, sql):
    first, *others = [
        person(2).subscribe() for _ in range(subscriptions.MAX_PER_USER + 1)
    ]
    assert first.subscription() is None
    assert all(one.subscription() for one in others)


BAD_KEYS = [
    *({}, {"auth": "x"}, {"p256dh": "x"}, "keys", 7, []),
    {"auth": to_base64(b"x" * 15)},
    {"auth": "x" * 5000},
    {"auth": "é" * 22},
    {"p256dh": to_base64(b"\4" + b"x" * 64)},
    {"p256dh": to_base64(b"\4" + b"x" * 63)},
    {"p256dh": 7},
    {"p256dh": "*" * 87},
]


@pytest.mark.parametrize("keys", BAD_KEYS)
def test_keys_that_are_none_are_named(person, keys):
    bob = person(2)
    body = bob.browser.subscription()
    is_partial = isinstance(keys, dict) and len(keys) == 1 and keys != {"auth": "x"}
    body["keys"] = body["keys"] | keys if is_partial else keys
    answer = bob.call("PUT", body)
    assert answer.status_code == 400, keys
    assert answer.json["error"].startswith("keys")
    assert bob.subscription() is None


@pytest.mark.parametrize(
    "body", [{"endpoint": None}, {"wants_text": "yes"}, {"wants_text": 1}]
)
def test_fields_of_a_wrong_type_are_named(person, body):
    bob = person(2)
    answer = bob.call("PUT", bob.browser.subscription() | body)
    assert answer.status_code == 400
    assert answer.json["error"].startswith(next(iter(body)))


BAD_ENDPOINTS = [
    *("", 7, "x", "https://", "https:///x", "https://push.example/\n", "https://é.ee/"),
    *("http://push.example/x", "ftp://push.example/x", "https://a@push.example/x"),
    *("https://push.example:8443/x", "https://push.example:x/", "https://[::1/x"),
    *("https://localhost/x", "https://127.0.0.1/x", "https://[::1]/x", "https://db/x"),
    *("https://10.0.0.7/x", "https://169.254.169.254/x", "https://push.example/#x"),
    "https://push.example/" + "x" * 1000,
]


@pytest.fixture
def only_public(app):
    """Refuse this machine, for the length of a test."""
    app.config["WEB_PUSH_LOCAL"] = False
    yield
    app.config["WEB_PUSH_LOCAL"] = True


@pytest.mark.parametrize("endpoint", BAD_ENDPOINTS)
def test_what_can_be_no_push_service_is_refused(person, only_public, endpoint):
    bob = person(2)
    answer = bob.call("PUT", bob.browser.subscription() | {"endpoint": endpoint})
    assert (answer.status_code, answer.json["error"][:9]) == (400, "endpoint:")
    assert bob.subscription() is None


def test_a_name_that_leads_to_this_machine_is_not_sent_to(service, person):
    # What resolves to a private address is looked at when something is sent.
    found = person(2).browser.subscription()
    target = Target(found["endpoint"], *found["keys"].values(), "chat.example")
    delivery = Delivery(ServerKey("secret"))
    assert delivery.send(target, b"{}", "room-1").outcome == Outcome.GONE
    assert service.came == []


def test_without_a_session_there_is_no_push(client, ada, person):
    body = person(1).browser.subscription()
    for method in ("GET", "PUT", "DELETE"):
        options = {"json": body} if method == "PUT" else {}
        assert client.open(PATH, method=method, **options).status_code == 401
        answer = client.open(PATH, method=method, headers=ada, **options)
        assert (answer.status_code, "session" in answer.json["error"]) == (404, True)


def test_what_ends_a_session_ends_its_subscription(
    app, chat, registry, person, wait_until_done, sql
):
    # Nobody else in these tests is one of them.
    ended, good, cut, away = (person(one).subscribe() for one in (21, 21, 22, 23))
    members = [direct(app, 1, one)["id"] for one in (21, 22, 23)]
    for room_id in members:
        chat.say(room_id, 1)
    registry.put(f"/revocations/sessions/{ended.session_id}", "1")
    registry.put("/revocations/users/22/7", '{"at": 1, "spared": ""}')
    registry.put("/rights/users/23", '{"deactivated": true}')
    wait_for(
        lambda: {one.call("GET").status_code for one in (ended, cut, away)} == {401}
    )
    wait_until_done()
    assert [one.browser.told() for one in (ended, cut, away)] == [[], [], []]
    assert len(good.browser.told()) == 1
    left = "SELECT session_id FROM push_subscriptions"
    assert sql(left) == [good.session_id]


def test_ended_sessions_are_found_also_if_nothing_is_sent(app, registry, person, sql):
    ended, idle, good = (person(2).subscribe() for _ in range(3))
    registry.put(f"/revocations/sessions/{ended.session_id}", "1")
    wait_for(lambda: ended.call("GET").status_code == 401)
    long_ago = int(time.time()) - sessions.MAX_AGE_SECONDS
    query = "UPDATE push_subscriptions SET renewed_at = :at WHERE session_id = :id"
    sql(query, at=long_ago, id=idle.session_id)
    sessions.look(app)
    assert sql("SELECT session_id FROM push_subscriptions") == [good.session_id]


def test_who_has_no_time_for_all_leaves_the_rest_to_the_next(
    app, registry, person, sql
):
    first, ended, last = (person(2).subscribe() for _ in range(3))
    registry.put(f"/revocations/sessions/{ended.session_id}", "1")
    wait_for(lambda: ended.call("GET").status_code == 401)
    before = int(time.time()) - sessions.NOTE_SECONDS
    query = "UPDATE push_subscriptions SET checked_at = :at WHERE session_id = :id"
    for age, one in enumerate((last, ended, first), 1):
        sql(query, at=before - age, id=one.session_id)
    query = "SELECT session_id FROM push_subscriptions WHERE checked_at < :at"
    left = []
    for _ in range(3):
        sessions.look(app, is_over=lambda: True)
        left.append(set(sql(query, at=before)))
    assert left == [{ended.session_id, last.session_id}, {last.session_id}, set()]


def test_where_a_session_may_have_ended_unseen_no_text_is_sent(app, person, sql):
    bob, eve = person(2).subscribe(wants_text=True), person(3)
    eve.subscribe(wants_text=True)
    an_hour_ago = int(time.time()) - 3600
    query = "UPDATE push_subscriptions SET checked_at = :at WHERE user_id = 2"
    sql(query, at=an_hour_ago)
    for _ in range(2):
        sessions.look(app)
        assert bob.subscription() == {"wants_text": False}
        assert eve.subscription() == {"wants_text": True}
    bob.subscribe(wants_text=True)
    sessions.look(app)
    assert bob.subscription() == {"wants_text": True}


def test_where_there_is_no_key_nobody_is_told(another, person, settings, chat, sql):
    without = another(WEB_PUSH_KEY="")
    assert without.extensions["microflack_web_push_worker"] is None
    without.extensions["microflack_revocations"].keys.put("complete", "1")
    client = without.test_client()
    bob = person(2)
    for method in ("GET", "DELETE"):
        answer = client.open(PATH, method=method, headers=bob.headers)
        assert (answer.status_code, "not set up" in answer.json["error"]) == (404, True)
    room = direct(without, 1, 2)
    said = {"source": "hello", "room_id": room["id"]}
    answer = client.post("/api/messages", json=said, headers=bob.headers)
    assert answer.status_code == 201
    assert sql("SELECT id FROM pushes") == []
