"""The database is made by revisions only, also where earlier releases made it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from conftest import LEFT_BY_RELEASE_7, stop

from microflack_common.testing import SECRET, token_for
from microflack_messages.app import MIGRATIONS, create_app
from microflack_messages.config import Config
from microflack_messages.models import REVISION_TABLE, Base

START = "from microflack_messages.app import create_app; create_app()"
# What release 1 runs.
FIRST_ENV = """
from alembic import context
from sqlalchemy import create_engine

with create_engine(context.config.get_main_option("url")).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
"""
TABLES_OF_RELEASE_4 = """
CREATE TABLE pending_cards (
    revision VARCHAR(32) NOT NULL PRIMARY KEY,
    message_id BIGINT NOT NULL, since BIGINT NOT NULL)
"""
TABLES_OF_RELEASE_5 = """
CREATE TABLE message_changes (
    message_id BIGINT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE, revision VARCHAR(32){collation} NOT NULL);
CREATE TABLE change_counter (id INTEGER NOT NULL PRIMARY KEY, last BIGINT NOT NULL);
INSERT INTO change_counter VALUES (1, 7);
INSERT INTO message_changes VALUES (2, 6, 'b');
INSERT INTO message_changes VALUES (1, 7, 'a')
"""
MESSAGE = sa.text(
    "INSERT INTO messages (id, created_at, updated_at, revision, source, html, user_id)"
    " VALUES (:id, :at, :at, :revision, 'old', 'old', 1)"
)


@pytest.fixture
def url(settings):
    """Return the URL of a database that is empty before and after the test."""
    url = settings["DATABASE_URL"]
    yield url
    engine = sa.create_engine(url)
    found = sa.MetaData()
    found.reflect(engine)
    found.drop_all(engine)
    engine.dispose()


@pytest.fixture
def engine(url):
    """Return connections to the database."""
    engine = sa.create_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def release_1(tmp_path, url):
    """Return the migrations as release 1 has them."""
    folder = tmp_path / "release-1"
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text(FIRST_ENV)
    (first,) = MIGRATIONS.glob("versions/0001_*.py")
    shutil.copy(first, folder / "versions")
    config = AlembicConfig()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("url", url.replace("%", "%%"))
    return config


@pytest.fixture
def old_database(release_1, engine):
    """Return a function that makes a database as an old release does."""

    def make(release):
        command.upgrade(release_1, "head")
        statements = TABLES_OF_RELEASE_4.split(";") if release >= 4 else []
        statements += TABLES_OF_RELEASE_5.split(";") if release >= 5 else []
        exact = " COLLATE utf8mb4_bin" if engine.dialect.name == "mysql" else ""
        with engine.begin() as connection:
            for number, revision in ((1, "a"), (2, "b")):
                values = {"id": number, "at": 1000 - number, "revision": revision}
                connection.execute(MESSAGE, values)
            for statement in statements:
                connection.execute(sa.text(statement.format(collation=exact)))

    return make


@pytest.fixture
def start(settings, url):
    """Return a function that starts the service, and returns its application."""
    started = []

    def start():
        started.append(create_app(Config(settings | {"DATABASE_URL": url})))
        return started[-1]

    yield start
    for app in started:
        stop(app)


def revisions(engine, table):
    with engine.connect() as connection:
        return list(connection.scalars(sa.text(f"SELECT version_num FROM {table}")))


def newest():
    return ScriptDirectory(str(MIGRATIONS)).get_heads()


def assert_complete(engine):
    assert revisions(engine, REVISION_TABLE) == newest()
    assert revisions(engine, "alembic_version") == ["0001"]
    others = ("alembic_version", *LEFT_BY_RELEASE_7)
    ours = {"include_name": lambda name, *_: name not in others}
    ours |= {"version_table": REVISION_TABLE, "compare_type": True}
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=ours)
        assert compare_metadata(context, Base.metadata) == []


def test_an_empty_database_gets_what_the_models_say(engine, start):
    start()
    assert_complete(engine)


@pytest.mark.parametrize("release", [1, 4, 6])
def test_a_database_of_an_earlier_release_is_adopted(
    engine, old_database, start, release
):
    old_database(release)
    client = start().test_client()
    assert_complete(engine)
    answer = client.get("/api/messages?after=0").json
    # Of releases that gave no numbers the order of time counts.
    numbers = {2: 6, 1: 7} if release >= 5 else {2: 1, 1: 2}
    assert {one["id"]: one["change"] for one in answer["messages"]} == numbers
    assert answer["change"] == max(numbers.values())


def test_what_earlier_releases_left_without_a_number_gets_one(
    engine, old_database, start
):
    old_database(6)
    with engine.begin() as connection:
        connection.execute(MESSAGE, {"id": 3, "at": 1, "revision": "c"})
    client = start().test_client()
    answer = client.get("/api/messages?after=0").json
    numbers = {one["id"]: one["change"] for one in answer["messages"]}
    assert numbers == {2: 6, 1: 7, 3: 8}
    assert answer["change"] == 8


def test_a_start_that_was_cut_short_is_completed(engine, old_database, start):
    # On MariaDB each table is there at once, and the revision only at the end.
    old_database(6)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE change_counter"))
        connection.execute(sa.text("DELETE FROM message_changes"))
    start()
    assert_complete(engine)


def test_release_1_still_starts_beside(engine, release_1, start):
    app = start()
    command.upgrade(release_1, "head")
    assert_complete(engine)
    answer = app.test_client().post(
        "/api/messages", json={"source": "x"}, headers=token_for(app, 1)
    )
    assert answer.status_code == 201


def test_instances_that_start_at_once_make_the_database_once(engine, url):
    settings = {"DATABASE_URL": url, "JWT_SECRET_KEY": SECRET, "PYTHONPATH": "."}
    arguments = [sys.executable, "-c", START]
    own = os.environ | settings
    if "PYTHONPATH" in os.environ:
        own["PYTHONPATH"] += os.pathsep + os.environ["PYTHONPATH"]
    folder = Path(__file__).parents[1]
    started = [subprocess.Popen(arguments, env=own, cwd=folder) for _ in range(3)]
    assert [process.wait() for process in started] == [0, 0, 0]
    assert_complete(engine)
