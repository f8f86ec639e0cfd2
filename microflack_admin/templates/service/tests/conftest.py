"""Fixtures: the service, with an empty database."""

import os

import pytest
from sqlalchemy import delete, text

from microflack_common.testing import SECRET, FakeRegistry, token_for
from microflack_example.app import create_app
from microflack_example.config import Config
from microflack_example.models import Item, db


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """Return settings for a new SQLite file, or for the server that is given."""
    file = tmp_path_factory.mktemp("database") / "example.db"
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
    # Who writes what ended tokens has done so.
    registry.put("/revocations/complete", "yes")
    yield app
    with app.app_context():
        db.drop_all()
        db.session.execute(text("DROP TABLE alembic_version"))
        db.session.commit()
        db.engine.dispose()


@pytest.fixture
def app(migrated):
    """Return the application; it forgets all items after each test."""
    yield migrated
    with migrated.app_context():
        db.session.execute(delete(Item))
        db.session.commit()


@pytest.fixture
def client(app):
    """Return a client of the application."""
    return app.test_client()


@pytest.fixture
def ada(app):
    """Return the headers of requests of a user, Ada."""
    return token_for(app, 7)


@pytest.fixture
def bob(app):
    """Return the headers of requests of another user, Bob."""
    return token_for(app, 8)
