"""Instances of the releases 1 to 6 work on the same database at the same time."""

import threading
import time
from uuid import uuid4

import pytest
from sqlalchemy import text

from microflack_messages.models import db

# What those releases run.
INSERT = text(
    "INSERT INTO messages (created_at, updated_at, revision, source, html, user_id) "
    "VALUES (:at, :at, :revision, :source, :source, 7)"
)
EDIT = text(
    "UPDATE messages SET source = :source, html = :source, revision = :revision "
    "WHERE id = :id"
)
COUNT = text("UPDATE change_counter SET last = last + 1")
LAST = text("SELECT last FROM change_counter")
STATE = text(
    "SELECT revision FROM message_changes WHERE message_id = :id AND revision = "
    "(SELECT revision FROM messages WHERE id = :id)"
)
REPLACE = text("REPLACE INTO message_changes VALUES (:id, :number, :revision)")
NUMBER = text("UPDATE messages SET `change` = :number WHERE id = :id")
AFTER = text(
    "SELECT messages.id, number FROM messages JOIN message_changes "
    "ON message_id = messages.id WHERE number > :number ORDER BY number"
)


class Release6:
    """Stores messages and numbers them as release 6 does."""

    def __init__(self, app):
        self._app = app

    def insert(self, source):
        """Store a message, without a number; return its id and revision."""
        with self._app.app_context(), db.engine.begin() as connection:
            revision = uuid4().hex
            values = {"at": int(time.time()), "revision": revision, "source": source}
            return connection.execute(INSERT, values).lastrowid, revision

    def edit(self, message_id, source):
        """Change a message, without a number; return its id and revision."""
        with self._app.app_context(), db.engine.begin() as connection:
            values = {"id": message_id, "source": source, "revision": uuid4().hex}
            connection.execute(EDIT, values)
            return message_id, values["revision"]

    def number(self, message_id, revision):
        """Give a change its number and return it; None if it has one."""
        with self._app.app_context(), db.engine.begin() as connection:
            connection.execute(COUNT)
            number = connection.scalar(LAST)
            if connection.scalar(STATE, {"id": message_id}) == revision:
                connection.rollback()
                return None
            values = {"id": message_id, "number": number, "revision": revision}
            connection.execute(REPLACE, values)
            return number

    def after(self, number):
        """Return the ids and numbers of what came after a number."""
        with self._app.app_context(), db.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(AFTER, {"number": number})]

    def write_as_release_8(self, message, source):
        """Store a message, and change another one, without the tables of release 6."""
        number = message["change"]
        values = {"at": int(time.time()), "revision": uuid4().hex, "source": source}
        with self._app.app_context(), db.engine.begin() as connection:
            new = connection.execute(INSERT, values).lastrowid
            changed = ((new, number + 1), (message["id"], number + 2))
            connection.execute(EDIT, values | {"id": message["id"]})
            for message_id, change in changed:
                at = {"id": message_id, "number": change}
                connection.execute(NUMBER, at)
                connection.execute(text("UPDATE rooms SET last_change = :number"), at)


@pytest.fixture
def old(app):
    """Return an instance of release 6."""
    return Release6(app)


@pytest.fixture
def after(client):
    """Return a function that answers what came after a number."""
    return lambda number: client.get(f"/api/messages?after={number}").json


def places(answer):
    return [(one["id"], one["change"]) for one in answer["messages"]]


def test_what_release_6_has_numbered_is_there_at_once(client, old, post, after):
    before = post("new")["change"]
    message_id, revision = old.insert("old")
    number = old.number(message_id, revision)
    assert number == before + 1
    answer = after(before)
    assert places(answer) == [(message_id, number)]
    assert answer["change"] == number
    shown = client.get(f"/api/messages/{message_id}").json
    assert (shown["change"], shown["room_id"]) == (number, 1)
    assert client.get("/api/messages").json["messages"][-1] == shown


def test_what_has_no_number_gets_one_soon(old, post, after):
    before = post("new")["change"]
    message_id, _ = old.insert("by release 3")
    end = time.monotonic() + 60
    while not (found := places(after(before))):
        assert time.monotonic() < end
    assert found == [(message_id, before + 1)]


def test_an_edit_by_release_6_is_a_change(client, old, post, after):
    message = post("one")
    number = old.number(*old.edit(message["id"], "two"))
    assert number == message["change"] + 1
    (changed,) = after(message["change"])["messages"]
    assert (changed["source"], changed["change"]) == ("two", number)
    (listed,) = client.get("/api/messages").json["messages"]
    assert listed == changed


def test_release_6_finds_what_this_one_writes(client, ada, old, post):
    first, second = post("one"), post("two")
    client.put(first["_links"]["self"], json={"source": "other"}, headers=ada)
    before = first["change"] - 1
    assert old.after(before) == [
        (second["id"], before + 2),
        (first["id"], before + 3),
    ]
    # It goes on behind that.
    assert old.number(*old.insert("three")) == before + 4
    assert post("four")["change"] == before + 5


def test_numbers_of_a_later_release_are_counted(app, post):
    # It does not count in the table of release 6 any more.
    before = post("one")["change"]
    with app.app_context():
        db.session.execute(text("UPDATE rooms SET last_change = last_change + 10"))
        db.session.commit()
    assert post("two")["change"] == before + 11
    assert post("three")["change"] == before + 12


def test_what_a_later_release_writes_keeps_its_number(client, old, post, after):
    message = post("one")
    old.write_as_release_8(message, "two")
    edited = message["change"] + 2
    assert places(after(message["change"]))[1] == (message["id"], edited)
    # When this one has got its number, everything has been looked at.
    message_id, _ = old.insert("without a number")
    end = time.monotonic() + 60
    while len(found := places(after(message["change"]))) < 3:
        assert time.monotonic() < end
    assert found[1:] == [(message["id"], edited), (message_id, edited + 1)]


def test_both_write_at_once_and_nothing_is_missed(client, old, post, after):
    before = post("begin")["change"]
    written, done = {}, threading.Event()

    def write_old():
        for number in range(30):
            message_id, revision = old.insert(f"old {number}")
            old.number(message_id, revision)
            written[message_id] = f"old {number}"
        done.set()

    writer = threading.Thread(target=write_old)
    writer.start()
    own = 0
    while not done.is_set() or own < 30:
        message = post(f"new {own}")
        written[message["id"]] = message["source"]
        own += 1
    writer.join()
    found, number = {}, before
    end = time.monotonic() + 60
    while len(found) < len(written):
        assert time.monotonic() < end
        for one in after(number)["messages"]:
            assert one["change"] == number + 1
            number += 1
            found[one["id"]] = one["source"]
    assert found == written
