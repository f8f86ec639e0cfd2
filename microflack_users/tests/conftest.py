"""Fixtures: an application with an empty database of its own."""

import os
import time
from uuid import uuid4

import pytest
from sqlalchemy import text, update

from microflack_common.claims import Claims
from microflack_common.testing import SECRET, FakeRegistry, bearer, token_for
from microflack_common.testing_tables import empty
from microflack_common.tokens import encode_claims
from microflack_users import accounts, presence, roles
from microflack_users.app import create_app
from microflack_users.config import Config
from microflack_users.models import REVISION_TABLE, User, UsersVersion, db

PASSWORD = "a secret: 1"


def wait_for(condition, timeout=60):
    """Wait until ``condition`` is true."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, condition
        time.sleep(0.01)


def stop(app):
    """End what an application does beside requests."""
    for task in ("presence_task", "name_claims", "sign_outs"):
        if task := app.extensions.get(f"microflack_{task}"):
            task.stop()


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
    # Tests do what it does. It could claim names of a test's users when that has ended.
    app.extensions["microflack_name_claims"].stop()
    yield app
    stop(app)
    with app.app_context():
        db.drop_all()
        for table in ("alembic_version", REVISION_TABLE):
            db.session.execute(text(f"DROP TABLE {table}"))
        db.session.commit()
        db.engine.dispose()


@pytest.fixture
def app(migrated):
    """Return the application; it forgets all users after each test."""
    migrated.extensions["microflack_presence"] = presence.ActivityTracker()
    # The user of this id is another one in each test.
    migrated.extensions["microflack_limits"] = accounts.limits_of(migrated)
    yield migrated
    with migrated.app_context():
        # The next test's users count from 1 again.
        empty(db.session, db.metadata.tables.keys() - {"guards", "users_version"})
        # TRUNCATE calls no trigger.
        db.session.execute(update(UsersVersion).values(version=uuid4().hex))
        db.session.commit()
        roles.write_all()


@pytest.fixture
def client(app):
    """Return a client of the application."""
    return app.test_client()


@pytest.fixture
def register(client):
    """Return a function that registers a user and returns it."""

    def register(nickname="ada", password=PASSWORD):
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


@pytest.fixture
def old_sign_in(app):
    """Return a function likewise, for a token from a sign-in of an hour ago."""

    def old_sign_in(user):
        moment = int(time.time())
        claims = Claims(user["id"], moment - 3600, moment + 60, uuid4().hex)
        with app.app_context():
            return bearer(encode_claims(claims))

    return old_sign_in


@pytest.fixture
def admin(app, register, sign_in):
    """Return the headers of an administrator, the user 1."""
    user = register("root of all")
    with app.app_context():
        db.session.get(User, user["id"]).admin = True
        db.session.commit()
        roles.write_all()
    return sign_in(user)
