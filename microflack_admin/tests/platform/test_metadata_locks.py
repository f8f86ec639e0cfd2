"""What holds a table of MariaDB that somebody wants to change, and for how long."""

import threading

import pytest
from database_server import server

from mfplatform.backup import archive, dump, snapshot
from mfplatform.secrets_store import owners
from mfplatform.state import database
from mfplatform.state.home import PlatformError

TABLES = """
CREATE DATABASE town;
CREATE TABLE town.alembic_version (version_num VARCHAR(32) PRIMARY KEY);
INSERT INTO town.alembic_version VALUES ('0001');
CREATE TABLE town.first (id INT PRIMARY KEY);
CREATE TABLE town.second (id INT PRIMARY KEY);
INSERT INTO town.first VALUES (1);
INSERT INTO town.second VALUES (1);
CREATE USER 'gone'@'%' IDENTIFIED BY 'secret';
GRANT ALL PRIVILEGES ON town.* TO 'gone'@'%';
"""
TRIGGERS = (
    "SET SESSION sql_mode = 'ANSI_QUOTES,NO_AUTO_VALUE_ON_ZERO'",
    *(
        f"CREATE DEFINER = 'gone'@'%' TRIGGER town.{name} BEFORE INSERT ON town.first"
        f" FOR EACH ROW SET NEW.id = {value}"
        for name, value in (("c", "NEW.id * 2"), ("a", "NEW.id + 1"), ("b", "NEW.id"))
    ),
)
ORDER = """SELECT TRIGGER_NAME, SQL_MODE, DEFINER FROM information_schema.TRIGGERS
 WHERE TRIGGER_SCHEMA = 'town' ORDER BY ACTION_ORDER"""


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
    database.execute(running, "DROP DATABASE town; DROP USER 'gone'@'%';")


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


@pytest.fixture
def triggers(home):
    """Let one event have three triggers, of a user that is about to go."""
    with database.connection(home) as cursor:
        for statement in TRIGGERS:
            cursor.execute(statement)


def test_triggers_keep_their_order_and_their_modes(home, triggers):
    database.execute(home, "DROP USER 'gone'@'%'; CREATE USER 'gone'@'%';")
    owners.adopt(home, "town")
    mode = "ANSI_QUOTES,NO_AUTO_VALUE_ON_ZERO"
    rows = database.execute(home, f"{ORDER};").splitlines()[1:]
    assert rows == [f"{name}\t{mode}\ttown@%" for name in "cab"]
    database.execute(home, "INSERT INTO town.first VALUES (20);")
    assert "\n41" in database.execute(home, "SELECT id FROM town.first;")


def test_nobody_waits_for_long_behind_triggers_that_cannot_be_changed_yet(
    home, triggers, monkeypatch
):
    monkeypatch.setattr(owners, "LOCK_SECONDS", 1)
    monkeypatch.setattr(owners, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(owners, "TRIES", 2)
    with database.connection(home) as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT * FROM town.first")
        with pytest.raises(PlatformError, match="Lock wait timeout"):
            owners.adopt(home, "town")
        monkeypatch.setattr(owners, "TRIES", 1000)
        adopting = threading.Thread(target=owners.adopt, args=(home, "town"))
        adopting.start()
        # It is tried again until the table is free.
        cursor.execute("COMMIT")
        adopting.join()
    assert "gone" not in database.execute(home, f"{ORDER};")
