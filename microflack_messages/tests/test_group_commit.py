"""Changes that are stored together: what concerns one of them concerns no other."""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from changing import edit, listening, new
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from microflack_messages import changes
from microflack_messages.changes import Stored
from microflack_messages.group_commit import GroupCommit, Waiting
from microflack_messages.models import EVERYONE, db
from microflack_messages.transactions import begin


@pytest.fixture
def store(app):
    """Return a function that stores changes together; it returns who waits."""
    group_commit = GroupCommit()

    def store(*some):
        waiting = [Waiting(change) for change in some]
        with app.app_context():
            group_commit.store(EVERYONE, waiting)
        assert all(one.told.is_set() for one in waiting)
        return waiting

    yield store
    group_commit.close()


@pytest.fixture
def mariadb(app):
    """Skip a test that needs a server, and return its engine."""
    with app.app_context():
        if db.engine.dialect.name != "mysql":
            pytest.skip("SQLite has no connections that can be lost, and no deadlocks")
        return db.engine


def test_changes_that_are_stored_together_get_numbers_without_gaps(store, stored, last):
    before = last()
    done = store(*(new(str(number)) for number in range(5)))
    models = [one.result().model for one in done]
    assert [one["change"] for one in models] == [before + n for n in range(1, 6)]
    assert stored(before) == {before + n: str(n - 1) for n in range(1, 6)}


def test_edits_and_new_messages_share_a_transaction(store, stored, last, post):
    message, before = post("old"), last()
    first, second, gone = store(
        new("new"), edit(message, "other"), edit({"id": 9}, "x")
    )
    assert gone.result() is None
    numbers = {one.result().model["change"] for one in (first, second)}
    assert numbers == {before + 1, before + 2} == set(stored(before))


def test_a_key_that_is_used_twice_in_one_batch_is_stored_once(store, stored, last):
    before = last()
    done = store(new("one"), new("two", "key"), new("three", "key"), new("four"))
    with pytest.raises(IntegrityError):
        done[2].result()
    assert stored(before) == {before + 1: "one", before + 2: "two", before + 3: "four"}
    for place in (0, 1, 3):
        assert done[place].result().model["id"]


def test_a_row_that_cannot_be_stored_concerns_nobody_else(store, stored, last):
    before = last()
    done = store(new("one"), new("bad", user_id=None), new("two"))
    with pytest.raises(IntegrityError):
        done[1].result()
    assert stored(before) == {before + 1: "one", before + 2: "two"}


def kill(connection):
    """Have the server end a connection."""
    number = connection.connection.dbapi_connection.thread_id()
    with connection.engine.connect() as other:
        other.execute(text(f"KILL {number}"))


class Once:
    """Calls a function with the connection of an event, the first time only."""

    def __init__(self, function):
        self._function = function
        self.called = 0

    def __call__(self, connection, *_):
        self.called += 1
        if self.called == 1:
            self._function(connection)


@pytest.mark.parametrize("what", ["UPDATE rooms", "INSERT INTO messages"])
def test_a_connection_that_is_lost_is_made_anew(mariadb, store, stored, last, what):
    before = last()
    lose = Once(kill)

    def killed(connection, _cursor, statement, *_):
        if statement.startswith(what):
            lose(connection)

    with listening(mariadb, "before_cursor_execute", killed):
        done = store(new("one"), new("two"))
    assert lose.called == 2
    assert [one.result().model["change"] for one in done] == [before + 1, before + 2]
    assert stored(before) == {before + 1: "one", before + 2: "two"}


def test_what_was_not_committed_when_the_connection_was_lost_is_stored_again(
    mariadb, store, stored, last, post
):
    message, before = post("old"), last()
    lose = Once(kill)
    with listening(mariadb, "commit", lose):
        done = store(new("one"), edit(message, "other"))
    assert lose.called == 2
    assert [one.result().model["source"] for one in done] == ["one", "other"]
    assert sorted(stored(before).values()) == ["one", "other"]
    assert last() == before + 2


@pytest.mark.parametrize("changed", ["new", "edit", "both"])
def test_what_was_committed_when_the_connection_was_lost_is_stored_once(
    mariadb, store, stored, last, post, changed
):
    message, before = post("old"), last()

    def commit_and_kill(connection):
        connection.connection.dbapi_connection.commit()
        kill(connection)

    lose = Once(commit_and_kill)
    some = {"new": [new("one")], "edit": [edit(message, "other")]}
    some["both"] = some["new"] + some["edit"]
    with listening(mariadb, "commit", lose):
        done = store(*some[changed])
    assert lose.called == 1
    numbers = [one.result().model["change"] for one in done]
    assert sorted(numbers) == list(range(before + 1, before + 1 + len(some[changed])))
    assert set(stored(before)) == set(numbers)
    assert last() == max(numbers)


def test_a_message_with_the_id_of_one_that_was_lost_is_another_one(app, post):
    message = post("written by somebody else")
    # As after the end of a server that had not committed it.
    lost = message | {"source": "lost", "user_id": 7}
    with_cards = Stored(message, uuid4().hex, is_new=True)
    with app.app_context(), db.engine.connect() as connection:
        begin(connection)
        assert changes.is_stored(connection, EVERYONE, [with_cards])
        other = Stored(lost, uuid4().hex, is_new=True)
        assert not changes.is_stored(connection, EVERYONE, [other])


def test_a_deadlock_is_tried_again(mariadb, store, stored, last, post):
    messages = [post(str(number)) for number in range(10)]
    before = last()
    with mariadb.connect() as other, ThreadPoolExecutor(1) as pool:
        # Of two that wait for each other, the one that has changed less is ended.
        other.execute(text("UPDATE messages SET user_id = 2"))
        waits = threading.Event()

        def note(_connection, _cursor, statement, *_):
            if statement.startswith("UPDATE messages"):
                waits.set()

        with listening(mariadb, "before_cursor_execute", note):
            done = pool.submit(store, edit(messages[0], "other"))
            assert waits.wait(60)
            changes.lock_counter(other, EVERYONE)
            other.rollback()
            (edited,) = done.result(60)
    assert edited.result().model["change"] == before + 1
    assert stored(before) == {before + 1: "other"}
