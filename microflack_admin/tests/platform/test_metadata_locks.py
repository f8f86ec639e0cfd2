"""What holds a table of MariaDB that somebody wants to change, and for how long."""

import pytest
from database_server import server

from mfplatform.backup import archive, dump, snapshot
from mfplatform.state import database

TABLES = """
CREATE DATABASE town;
CREATE TABLE town.alembic_version (version_num VARCHAR(32) PRIMARY KEY);
INSERT INTO town.alembic_version VALUES ('0001');
CREATE TABLE town.first (id INT PRIMARY KEY);
CREATE TABLE town.second (id INT PRIMARY KEY);
INSERT INTO town.first VALUES (1);
INSERT INTO town.second VALUES (1);
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """Return the home of a server that runs."""
    with server(tmp_path_factory.mktemp("server")) as home:
        yield home


@pytest.fixture
def home(running):
    """Return it, with a service's tables."""
    database.execute(running, TABLES)
    yield running
    database.execute(running, "DROP DATABASE town;")


class AlteringWriter:
    """Writes a backup; before each table another one alters all that were written."""

    def __init__(self, home, writer):
        self._home, self._writer, self._written = home, writer, []

    def rows(self, place, stream, *, is_binary):
        """Write a table."""
        for table in self._written:
            wait = "SET SESSION lock_wait_timeout = 5"
            alter = f"ALTER TABLE town.{table} ADD COLUMN later INT"
            database.execute(self._home, f"{wait}; {alter};")
        self._written = [place.rpartition("/")[2].partition(".")[0]]
        return self._writer.rows(place, stream, is_binary=is_binary)


def test_what_a_backup_has_read_can_be_altered_while_it_goes_on(home, tmp_path):
    with (
        archive.writing(tmp_path / "backup") as writer,
        snapshot.of_server(home, ["town"]) as sources,
    ):
        (source,) = sources
        # Everything is as it was when the view was made.
        database.execute(home, "INSERT INTO town.second VALUES (2);")
        altering = AlteringWriter(home, writer)
        told = dump.dump(altering, source, [])
        writer.end(b"", None)
    assert {name: one.rows for name, one in told.tables.items()} == {
        "first": 1,
        "second": 1,
    }
    found = database.execute(home, "SHOW COLUMNS FROM town.first;")
    assert "later" in found
