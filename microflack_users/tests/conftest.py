"""Fixtures: an application with an empty database of its own."""

import os

import pytest
from sqlalchemy import text

from microflack_common.testing import SECRET, FakeRegistry, token_for
from microflack_users import presence
from microflack_users.app import create_app
from microflack_users.config import Config
from microflack_users.models import db


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """Return settings for a new SQLite file, or for the server that is given."""
    file = tmp_path_factory.mktemp("database") / "users.db"
    url = os.environ.get("TEST_DATABASE_URL", f"sqlite:///{file}")
    return {"DATABASE_URL": url, "JWT_SECRET_KEY": SECRET}


@pytest.fixture(scope="module")
def registry():
    """Return a registry in memory."""
    return FakeRegistry()


@pytest.fixture(scope="module")
def migrated(settings, registry):
    """Return an application with its tables, which are gone after the module."""
    app = create_app(Config(settings), registry)
    yield app
    app.extensions["microflack_presence_task"].stop()
    with app.app_context():
        db.drop_all()
        db.session.execute(text("DROP TABLE alembic_version"))
        db.session.commit()
        db.engine.dispose()


@pytest.fixture
def app(migrated):
    """Return the application; it forgets all users after each test."""
    migrated.extensions["microflack_presence"] = presence.ActivityTracker()
    yield migrated
    with migrated.app_context():
        # The next test's users count from 1 again.
        mysql = db.engine.dialect.name == "mysql"
        db.session.execute(text("TRUNCATE users" if mysql else "DELETE FROM users"))
        db.session.commit()


@pytest.fixture
def client(app):
    """Return a client of the application."""
    return app.test_client()


@pytest.fixture
def register(client):
    """Return a function that registers a user and returns it."""

    def register(nickname="ada", password="lovelace"):
        answer = client.post(
            "/api/users", json={"nickname": nickname, "password": password}
        )
        assert answer.status_code == 201, answer.json
        return answer.json

    return register


@pytest.fixture
def sign_in(app):
    """Return a function that makes the headers of a user with a token."""
    return lambda user: token_for(app, user["id"])
