"""Lists: the newest, what changed since, and back through the history."""

import time
from uuid import uuid4

import pytest
from sqlalchemy import event

from microflack_messages import changes
from microflack_messages.models import EVERYONE, db
from microflack_messages.transactions import begin

DAY = 24 * 60 * 60


@pytest.fixture
def store(app):
    """Return a function that stores messages with these ages in seconds."""

    def store(*ages):
        moment = int(time.time())
        values = {"user_id": 1, "room_id": EVERYONE, "idempotency_key": None}
        new = []
        for age in ages:
            text, at = f"age {age}", moment - age
            own = {"source": text, "html": text, "created_at": at, "updated_at": at}
            own["revision"] = uuid4().hex
            new.append(changes.NewMessage(values | own, expects_cards=False))
        with app.app_context(), db.engine.connect() as connection:
            begin(connection)
            changes.store(connection, EVERYONE, new)
            connection.commit()
        return moment

    return store


@pytest.fixture
def ids(client):
    """Return a function that lists ids, with all pages if told so."""

    def ids(query, pages=False):
        answer = client.get(f"/api/messages{query}").json
        found = [m["id"] for m in answer["messages"]]
        if pages and "_links" in answer:
            found += ids(answer["_links"]["next"].removeprefix("/api/messages"), pages)
        return found

    return ids


def test_a_list_shows_messages_as_they_are_shown_alone(client, post):
    message = post("*hi*")
    assert client.get("/api/messages").json["messages"] == [message]


def test_a_list_reaches_one_day_back(store, ids):
    store(DAY + 60, DAY - 60, 0)
    assert ids("") == [2, 3]


def test_a_list_is_ordered_by_its_last_change(store, ids):
    store(10, 30, 20, 30)
    assert ids("") == [2, 4, 3, 1]


def test_a_list_without_limit_has_the_newest_hundred(store, ids):
    store(*range(130, 0, -1))
    assert ids("") == list(range(31, 131))


def test_a_limit_keeps_the_newest(store, ids):
    store(40, 30, 20, 10)
    assert ids("?limit=2") == [3, 4]


def test_what_changed_since_includes_that_second_and_any_age(store, ids):
    moment = store(9 * DAY, 5 * DAY, 0)
    assert ids(f"?updated_since={moment - 5 * DAY}") == [2, 3]
    assert ids("?updated_since=0") == [1, 2, 3]
    assert ids(f"?updated_since={2**53 - 1}") == []


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 7])
def test_pages_of_changes_miss_nothing_and_repeat_nothing(store, ids, limit):
    store(30, 30, 30, 20, 10, 10, 40)
    expected = [7, 1, 2, 3, 4, 5, 6]
    assert ids(f"?updated_since=0&limit={limit}", pages=True) == expected


def test_a_list_that_is_complete_leads_nowhere(client, store):
    store(3, 2, 1)
    for query in ("updated_since=0&limit=3", "before_id=4&limit=3", "limit=2"):
        assert "_links" not in client.get(f"/api/messages?{query}").json


def test_history_ends_just_before_a_message(store, ids):
    store(5 * DAY, 4 * DAY, 1, 2, 3)
    assert ids("?before_id=4&limit=2") == [2, 3]
    assert ids("?before_id=1") == []
    assert ids(f"?before_id={2**53 - 1}&limit=1") == [5]


def test_history_goes_back_to_the_first_message(client, store):
    store(*range(11, 0, -1))
    seen, url = [], "/api/messages?before_id=12&limit=4"
    while url:
        answer = client.get(url).json
        seen = [m["id"] for m in answer["messages"]] + seen
        url = answer.get("_links", {}).get("next")
    assert seen == list(range(1, 12))


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("updated_since=-1", "updated_since"),
        ("updated_since=", "updated_since"),
        ("updated_since=x", "updated_since"),
        ("updated_since=1.5", "updated_since"),
        ("updated_since=NaN", "updated_since"),
        (f"updated_since={2**53}", "updated_since"),
        (f"updated_since={'9' * 5000}", "updated_since"),
        ("before_id=0", "before_id"),
        ("before_id=", "before_id"),
        (f"before_id={'9' * 30}", "before_id"),
        ("before_id=5&updated_since=1", "before_id"),
        ("after_id=5", "after_id"),
        ("updated_since=1&after_id=-1", "after_id"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=", "limit"),
        ("limit=all", "limit"),
    ],
)
def test_a_query_that_makes_no_sense_is_named(client, query, field):
    answer = client.get(f"/api/messages?{query}")
    assert answer.status_code == 400
    assert answer.json["error"].startswith(f"{field}: ")
    assert field in answer.json["fields"]


def test_the_database_finds_lists_by_their_index(app):
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("this reads SQLite's plan")
        plan = db.session.execute(
            db.text(
                "EXPLAIN QUERY PLAN SELECT id FROM messages"
                " WHERE updated_at >= 5 AND (updated_at > 5 OR id > 3)"
                " ORDER BY updated_at, id LIMIT 10"
            )
        ).all()
    assert "USING COVERING INDEX ix_messages_updated_at" in plan[0].detail
    assert len(plan) == 1


def test_a_list_shows_an_edit(client, ada, post):
    message = post("old")
    assert client.get("/api/messages").json["messages"][0]["source"] == "old"
    client.put(message["_links"]["self"], json={"source": "new"}, headers=ada)
    (listed,) = client.get("/api/messages").json["messages"]
    assert (listed["source"], listed["html"]) == ("new", "new")


def test_messages_that_have_not_changed_are_not_read_again(app, client, store):
    store(3, 2, 1)
    statements = []
    with app.app_context():
        client.get("/api/messages")
        engine = app.extensions["microflack_autocommit"]

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection, _cursor, statement, _values, _context, _many):
        statements.append(statement)

    assert len(client.get("/api/messages").json["messages"]) == 3
    assert not any("messages" in statement for statement in statements)


def test_an_empty_list_is_an_empty_list(client):
    for query in ("", "?before_id=1"):
        assert client.get(f"/api/messages{query}").json["messages"] == []


@pytest.mark.parametrize(
    ("query", "order"),
    [("?after=0", 1), ("?updated_since=0", 1), ("?before_id=999", -1)],
)
def test_a_list_that_is_large_is_cut(client, post, query, order):
    # Each is some 50 kB as HTML.
    posted = [post("*a* " * 4000)["id"] for _ in range(9)]
    address, pages = f"/api/messages{query}", []
    while address:
        answer = client.get(address)
        assert len(answer.data) < 257 * 1024
        pages.append([message["id"] for message in answer.json["messages"]])
        address = answer.json.get("_links", {}).get("next")
    assert len(pages) > 2
    assert [number for page in pages[::order] for number in page] == posted


def test_the_newest_that_have_room_are_listed(client, post):
    posted = [post("*a* " * 4000)["id"] for _ in range(9)]
    answer = client.get("/api/messages")
    shown = [message["id"] for message in answer.json["messages"]]
    assert 2 < len(shown) < 9
    assert shown == posted[-len(shown) :]
