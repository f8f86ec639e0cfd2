"""Fixtures: an application with an empty database of its own, and a small web."""

import os

import pytest
from chat import Chat
from sqlalchemy import text
from web import Web

from microflack_common.testing import (
    SECRET,
    FakeRegistry,
    redis_server,
    running,
    token_for,
)
from microflack_common.testing_tables import empty
from microflack_messages.app import create_app
from microflack_messages.config import Config
from microflack_messages.models import EVERYONE, REVISION_TABLE, db

FORGOTTEN = ("pending_cards", "pending_news", "messages", "room_members", "room_views")
FORGOTTEN += ("search_postings", "files", "file_chunks")
FORGOTTEN += ("pushes", "push_subscriptions")
# Tables that releases before this one use.
LEFT_BY_RELEASE_7 = ("message_changes", "change_counter")


def stop(app):
    """End what an application does besides answering requests."""
    for task in ("unpublished", "news", "purge", "file_removal"):
        app.extensions[f"microflack_{task}"].stop()
    app.extensions["microflack_writer"].stop()
    app.extensions["microflack_index_worker"].stop()
    if web_push_worker := app.extensions["microflack_web_push_worker"]:
        web_push_worker.stop()
        app.extensions["microflack_web_push_sessions"].stop()
    if card_worker := app.extensions["microflack_card_worker"]:
        card_worker.stop()


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """Return settings for a new SQLite file, or for the server that is given."""
    file = tmp_path_factory.mktemp("database") / "messages.db"
    url = os.environ.get("TEST_DATABASE_URL", f"sqlite:///{file}")
    return {
        "DATABASE_URL": url,
        "JWT_SECRET_KEY": SECRET,
        "LINK_CARDS_LOCAL": "yes",
        # Most tests have one user, who posts a lot.
        "MF_LIMITS": "off",
    }


@pytest.fixture(scope="module")
def registry():
    """Return a registry in memory."""
    return FakeRegistry()


@pytest.fixture(scope="module")
def migrated(settings, registry):
    """Return an application with its tables, which are gone after the module."""
    app = create_app(Config(settings), registry)
    # Tests see, and disturb, what is asked of the database: for requests only.
    app.extensions["microflack_index_worker"].stop()
    yield app
    stop(app)
    with app.app_context():
        db.drop_all()
        for table in (*LEFT_BY_RELEASE_7, "alembic_version", REVISION_TABLE):
            db.session.execute(text(f"DROP TABLE {table}"))
        db.session.commit()
        db.engine.dispose()


@pytest.fixture
def app(migrated):
    """Return the application; it forgets all messages after each test."""
    yield migrated
    assert migrated.extensions["microflack_writer"].flush(10)
    with migrated.app_context():
        # The next test's messages count from 1 again.
        empty(db.session, FORGOTTEN)
        # No id is given twice: what is kept of a room is for its readers.
        forget = "UPDATE rooms SET kind = 'removed', direct_key = NULL"
        db.session.execute(text(f"{forget} WHERE id > {EVERYONE}"))
        # It is a change as any other: lists of before are not given again.
        db.session.execute(text("UPDATE rooms SET last_change = last_change + 1"))
        everyone = (
            "UPDATE rooms SET name = 'Everyone', topic = '', version = version + 1"
        )
        db.session.execute(text(f"{everyone} WHERE id = {EVERYONE}"))
        db.session.commit()


@pytest.fixture
def chat(app):
    """Return what calls the API as one user or another."""
    return Chat(app)


@pytest.fixture
def another(app, settings):
    """Return a function that starts another instance on the same database.

    It takes settings that are not those of all.
    """
    started = []

    def another(**own):
        started.append(create_app(Config(settings | own), FakeRegistry()))
        return started[-1]

    yield another
    for one in started:
        stop(one)


@pytest.fixture
def client(app):
    """Return a client of the application."""
    return app.test_client()


@pytest.fixture
def ada(app):
    """Return the headers of a user with a token."""
    return token_for(app, 1)


@pytest.fixture
def bob(app):
    """Return the headers of another user with a token."""
    return token_for(app, 2)


@pytest.fixture
def post(client, ada):
    """Return a function that posts a message and returns it."""

    def post(source="hello *world*!", headers=ada):
        answer = client.post("/api/messages", json={"source": source}, headers=headers)
        assert answer.status_code == 201, answer.json
        return answer.json

    return post


@pytest.fixture
def web():
    """Return a web server of this machine, whose pages a test can set."""
    web = Web()
    with running(web) as url:
        web.url = url
        yield web


@pytest.fixture
def last(client):
    """Return a function for the last number."""
    return lambda: client.get("/api/messages").json["change"]


@pytest.fixture
def stored(client):
    """Return a function for what is stored, by its numbers."""

    def stored(after):
        answer = client.get(f"/api/messages?after={after}").json
        return {one["change"]: one["source"] for one in answer["messages"]}

    return stored


@pytest.fixture(scope="module")
def queue():
    """Return a running Redis."""
    with redis_server() as server:
        yield server
