"""How SQLite is used: durable, and with writers that wait for each other."""

import sqlite3
import threading

import pytest
from sqlalchemy import create_engine, text

from microflack_common import database  # noqa: F401 (it sets up connections)


@pytest.fixture
def engine(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE counters (id INTEGER, number INTEGER)"))
        connection.execute(text("INSERT INTO counters VALUES (1, 0)"))
    yield engine
    engine.dispose()


def test_a_commit_is_on_the_disk(engine):
    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == 2
        assert connection.scalar(text("PRAGMA busy_timeout")) >= 30_000


def test_a_statement_that_commits_by_itself_still_does(engine):
    by_itself = engine.execution_options(isolation_level="AUTOCOMMIT")
    with by_itself.connect() as connection:
        connection.execute(text("UPDATE counters SET number = 7"))
        with engine.connect() as other:
            assert other.scalar(text("SELECT number FROM counters")) == 7


def test_writers_take_turns_and_none_is_refused(engine):
    errors = []

    def write():
        try:
            for _ in range(25):
                with engine.begin() as connection:
                    # The lock is taken by the first that writes.
                    connection.execute(text("UPDATE counters SET id = 1"))
                    number = connection.scalar(text("SELECT number FROM counters"))
                    connection.execute(
                        text("UPDATE counters SET number = :n"), {"n": number + 1}
                    )
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT number FROM counters")) == 200


def test_readers_do_not_wait_for_a_writer(engine, tmp_path):
    with engine.begin() as connection:
        connection.execute(text("UPDATE counters SET number = 1"))
        reader = sqlite3.connect(tmp_path / "a.db", timeout=0)
        assert reader.execute("SELECT number FROM counters").fetchone() == (0,)
        reader.close()
