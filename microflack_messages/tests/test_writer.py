"""One request stores what others have to store, too, and nobody waits for ever."""

import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager

import pytest
from changing import listening, new

from microflack_common.errors import ServiceUnavailable
from microflack_messages import changes
from microflack_messages.models import EVERYONE, db
from microflack_messages.transactions import begin


@pytest.fixture
def held(app):
    """Return a block in which nobody else gets a number."""

    @contextmanager
    def held():
        with app.app_context(), db.engine.connect() as connection:
            begin(connection)
            changes.lock_counter(connection, EVERYONE)
            yield

    return held


@pytest.fixture
def write(app):
    """Return a function that has an application store a change, in a thread."""
    with ThreadPoolExecutor(8) as pool:

        def stored(app, change, timeout_seconds):
            with app.app_context():
                writer = app.extensions["microflack_writer"]
                return writer.write(change, timeout_seconds)

        def write(change, timeout_seconds=60, app=app):
            return pool.submit(stored, app, change, timeout_seconds)

        yield write


def test_nobody_waits_for_ever(write, held, stored, last):
    before = last()
    with held():
        # One of them is being stored; the other one gives up.
        written = [write(new(str(number)), 0.1) for number in range(2)]
        (late,), _ = wait(written, return_when=FIRST_COMPLETED)
        assert isinstance(late.exception(), ServiceUnavailable)
    written.remove(late)
    model = written[0].result(60).model
    assert stored(before) == {before + 1: model["source"]}


def test_what_comes_meanwhile_shares_the_next_transaction(app, write, held, last):
    with app.app_context():
        engine = db.engine
    commits, end = [], time.monotonic() + 60
    with listening(engine, "commit", commits.append):
        while not commits or len(commits) == 8:
            assert time.monotonic() < end
            before = last()
            commits.clear()
            with held():
                written = [write(new(str(number))) for number in range(8)]
            numbers = {one.result(60).model["change"] for one in written}
            assert numbers == set(range(before + 1, before + 9))


def test_what_has_come_is_stored_before_the_end(another, write, held, stored, last):
    before, one = last(), another()
    with held():
        written = [write(new(str(n)), app=one) for n in range(3)]
        while not all(one.running() for one in written):
            time.sleep(0.01)
    assert all(one.result(60) for one in written)
    assert one.extensions["microflack_writer"].stop()
    assert sorted(stored(before).values()) == ["0", "1", "2"]
    with pytest.raises(ServiceUnavailable):
        write(new("too late"), app=one).result(60)
