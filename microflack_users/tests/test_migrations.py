"""The database is made at start, once, and serves older releases as well."""

import os
import subprocess
import sys
import threading
import time

import pytest
from conftest import stop, wait_for
from sqlalchemy import create_engine, inspect, make_url, text
from sqlalchemy.exc import DBAPIError

from microflack_common.testing import SECRET, FakeRegistry, basic
from microflack_users.app import create_app
from microflack_users.config import Config
from microflack_users.models import REVISION_TABLE, db
from microflack_users.passwords import HASHER

START = "from microflack_users.app import create_app; create_app()"
TABLES = {
    "users",
    "name_claims",
    "invitations",
    "resets",
    "pending_sign_outs",
    "guards",
    "users_version",
    "pictures",
    "blocks",
}
REVISION = text("SELECT version_num FROM alembic_version")
REVISIONS = {"alembic_version", REVISION_TABLE}

# As releases 1 to 7 make and fill the table.
OLD_TABLE = """
CREATE TABLE users (
    id INTEGER NOT NULL PRIMARY KEY {counting}, created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL, last_seen_at BIGINT NOT NULL,
    nickname VARCHAR(128) {exact} NOT NULL,
    nickname_key VARCHAR(128) {exact} NOT NULL UNIQUE,
    password_hash VARCHAR(128) NOT NULL, online BOOLEAN NOT NULL)
"""
OLD_INDEXES = (
    "CREATE INDEX ix_users_updated_at ON users (updated_at, nickname)",
    "CREATE INDEX ix_users_online ON users (online, last_seen_at)",
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)",
    "INSERT INTO alembic_version VALUES ('0001')",
)
OLD_INSERT = text("""
INSERT INTO users (created_at, updated_at, last_seen_at, nickname, nickname_key,
    password_hash, online) VALUES (1, 1, 1, :name, :name, :hash, :online)
""")


@pytest.fixture
def url(tmp_path):
    """Return the URL of a database, which is empty afterwards."""
    url = os.environ.get("TEST_DATABASE_URL", f"sqlite:///{tmp_path}/users.db")
    yield url
    engine = create_engine(url)
    with engine.begin() as connection:
        for table in inspect(engine).get_table_names():
            connection.execute(text(f"DROP TABLE {table}"))
    engine.dispose()


@pytest.fixture
def old(url):
    """Return an engine for a database as release 7 leaves it, with one account."""
    mysql = make_url(url).get_backend_name() == "mysql"
    words = {"counting": "", "exact": ""}
    if mysql:
        words = {"counting": "AUTO_INCREMENT", "exact": "COLLATE utf8mb4_bin"}
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in (OLD_TABLE.format(**words), *OLD_INDEXES):
            connection.execute(text(statement))
    insert(engine, "ada")
    yield engine
    engine.dispose()


def insert(engine, name):
    """Store an account as an older release does."""
    row = {"name": name, "hash": HASHER.hash("x"), "online": False}
    with engine.begin() as connection:
        connection.execute(OLD_INSERT, row)


def is_claimed(engine, user_id):
    """Say whether a nickname of this user is claimed."""
    query = text(f"SELECT COUNT(*) FROM name_claims WHERE user_id = {user_id}")
    with engine.connect() as connection:
        return connection.scalar(query)


def end(app):
    """End all that an application does."""
    stop(app)
    with app.app_context():
        db.engine.dispose()


def test_older_releases_go_on_beside_this_one(url, old):
    settings = Config({"DATABASE_URL": url, "JWT_SECRET_KEY": SECRET})
    app = create_app(settings, FakeRegistry())
    client = app.test_client()
    try:
        assert client.get("/api/users/1").json["admin"] is False
        insert(old, "bob")
        shown = client.get("/api/users/2").json
        assert (shown["nickname"], shown["deactivated"]) == ("bob", False)
        for name in ("ada", "bob"):
            answer = client.get("/api/users/me", headers=basic(name, "x"))
            assert answer.status_code == 200
        with old.connect() as connection:
            assert connection.scalar(REVISION) == "0001"
        wait_for(lambda: is_claimed(old, 2))
    finally:
        end(app)


def test_a_new_database_starts_older_releases(url):
    settings = Config({"DATABASE_URL": url, "JWT_SECRET_KEY": SECRET})
    app = create_app(settings, FakeRegistry())
    engine = create_engine(url)
    try:
        assert set(inspect(engine).get_table_names()) == TABLES | REVISIONS
        with engine.connect() as connection:
            assert connection.scalar(REVISION) == "0001"
    finally:
        engine.dispose()
        end(app)


def test_a_migration_that_was_cut_short_is_completed(url, old):
    with old.begin() as connection:
        connection.execute(
            text("ALTER TABLE users ADD admin BOOLEAN NOT NULL DEFAULT FALSE")
        )
    settings = Config({"DATABASE_URL": url, "JWT_SECRET_KEY": SECRET})
    app = create_app(settings, FakeRegistry())
    try:
        assert set(inspect(old).get_table_names()) == TABLES | REVISIONS
    finally:
        end(app)


@pytest.mark.skipif(
    "TEST_DATABASE_URL" not in os.environ, reason="SQLite serves one instance only"
)
def test_instances_that_start_at_once_migrate_an_empty_database_once(url):
    settings = {"DATABASE_URL": url, "JWT_SECRET_KEY": SECRET, "PYTHONPATH": "."}
    settings["PYTHONPATH"] += os.pathsep + os.environ.get("PYTHONPATH", "")
    command = [sys.executable, "-c", START]
    started = [subprocess.Popen(command, env=os.environ | settings) for _ in range(4)]
    assert [process.wait() for process in started] == [0, 0, 0, 0]
    engine = create_engine(url)
    assert set(inspect(engine).get_table_names()) == TABLES | REVISIONS
    engine.dispose()


@pytest.mark.skipif(
    "TEST_DATABASE_URL" not in os.environ, reason="SQLite serves one instance only"
)
def test_lists_get_their_version_while_an_older_release_writes(url):
    settings = Config({"DATABASE_URL": url, "JWT_SECRET_KEY": SECRET})
    end(create_app(settings, FakeRegistry()))
    engine = create_engine(url, isolation_level="READ COMMITTED")
    insert(engine, "ada")
    before = text(f"UPDATE {REVISION_TABLE} SET version_num = '0002'")
    stop, problems, written = threading.Event(), [], []

    def write():
        while not stop.is_set():
            try:
                with engine.begin() as connection:
                    connection.execute(text("SELECT * FROM users")).all()
                    connection.execute(text("UPDATE users SET updated_at = 1"))
                    written.append(1)
            except DBAPIError as error:
                problems.append(error)
            time.sleep(0.02)

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            with engine.begin() as connection:
                connection.execute(before)
            end(create_app(settings, FakeRegistry()))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        engine.dispose()
    assert written
    assert problems == []
