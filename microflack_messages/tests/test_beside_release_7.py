"""Instances of release 7 work on the same database at the same time."""

import threading
import time
from uuid import uuid4

import pytest
from sqlalchemy import text

from microflack_messages.models import db
from microflack_messages.transactions import begin

# What that release runs: it counts in the table of release 6, too.
LOCK = text("SELECT last FROM change_counter FOR UPDATE")
LOCK_ROOM = text("SELECT last_change FROM rooms WHERE id = 1 FOR UPDATE")
INSERT = text(
    "INSERT INTO messages (created_at, updated_at, revision, source, html, user_id, "
    "room_id, `change`) VALUES (:at, :at, :revision, :source, :source, 7, 1, :number)"
)
AFTERWARDS = [
    text("REPLACE INTO message_changes VALUES (:id, :number, :revision)"),
    text("UPDATE change_counter SET last = :number"),
    text("UPDATE rooms SET last_change = :number WHERE id = 1"),
]


@pytest.fixture
def say_by_release_7(app):
    """Return a function that stores a message; it returns its id and number."""

    def say(source):
        with app.app_context(), db.engine.connect() as connection:
            begin(connection)
            sqlite = connection.dialect.name == "sqlite"
            last = 0
            for lock in (LOCK, LOCK_ROOM):
                plain = text(lock.text.removesuffix(" FOR UPDATE"))
                last = max(last, connection.scalar(plain if sqlite else lock))
            values = {"at": int(time.time()), "revision": uuid4().hex}
            values |= {"source": source, "number": last + 1}
            values["id"] = connection.execute(INSERT, values).lastrowid
            for statement in AFTERWARDS:
                connection.execute(statement, values)
            connection.commit()
            return values["id"], last + 1

    return say


def test_what_release_7_writes_is_there_at_once(client, post, say_by_release_7):
    before = post("one")["change"]
    tag = client.get("/api/messages").headers["ETag"]
    message_id, number = say_by_release_7("two")
    assert number == before + 1
    listed = client.get("/api/messages", headers={"If-None-Match": tag}).json
    (after,) = client.get(f"/api/messages?after={before}").json["messages"]
    assert listed["messages"][-1] == after
    assert (after["id"], after["change"], listed["change"]) == (
        message_id,
        number,
        number,
    )


def test_both_write_at_once_and_nothing_is_missed(client, post, say_by_release_7):
    before, written = post("begin")["change"], {}

    def write():
        for number in range(30):
            message_id, change = say_by_release_7(f"old {number}")
            written[change] = message_id

    writer = threading.Thread(target=write)
    writer.start()
    number = 0
    while writer.is_alive() or number < 30:
        message = post(f"new {number}")
        written[message["change"]] = message["id"]
        number += 1
    writer.join()
    answer = client.get(f"/api/messages?after={before}&limit=500").json
    assert {one["change"]: one["id"] for one in answer["messages"]} == written
    assert sorted(written) == list(range(before + 1, answer["change"] + 1))
