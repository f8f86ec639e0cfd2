"""What is read in a snapshot is of one moment, whatever is committed meanwhile."""

import os

import pytest
from sqlalchemy import create_engine, text

from microflack_common.snapshot import snapshot


@pytest.fixture
def engine(tmp_path):
    """Return an engine of a database with one number in it."""
    default = f"sqlite:///{tmp_path}/numbers.sqlite"
    engine = create_engine(os.environ.get("TEST_DATABASE_URL", default))
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            # A writer does not wait for those who read.
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        connection.execute(text("CREATE TABLE numbers (value INTEGER)"))
        connection.execute(text("INSERT INTO numbers VALUES (1)"))
    yield engine
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE numbers"))
    engine.dispose()


def read(connection):
    return connection.scalar(text("SELECT value FROM numbers"))


def write(engine, value):
    with engine.begin() as connection:
        connection.execute(text("UPDATE numbers SET value = :new"), {"new": value})


def test_a_change_in_between_is_not_seen(engine):
    with snapshot(engine) as connection:
        assert read(connection) == 1
        write(engine, 2)
        assert read(connection) == 1
    with snapshot(engine) as connection:
        assert read(connection) == 2


def test_who_uses_the_connection_next_reads_as_before(engine):
    with engine.connect() as connection:
        before = connection.get_isolation_level()
    with snapshot(engine) as connection:
        read(connection)
    with engine.connect() as connection:
        assert connection.get_isolation_level() == before


def test_what_is_written_is_taken_back(engine):
    with snapshot(engine) as connection:
        connection.execute(text("UPDATE numbers SET value = 2"))
    with engine.connect() as connection:
        assert read(connection) == 1
