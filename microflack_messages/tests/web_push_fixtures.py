"""Fixtures of the tests of web push."""

import pytest
from push_service import PushService
from sqlalchemy import text
from web_pushing import Person, wait_for

from microflack_common.testing import running
from microflack_messages.models import db
from microflack_messages.web_push import calls
from microflack_messages.web_push.delivery import Delivery
from microflack_messages.web_push.worker import WebPushWorker


@pytest.fixture(scope="module")
def running_service():
    """Return a push service that runs."""
    service = PushService()
    with running(service) as service.url:
        yield service


@pytest.fixture
def service(running_service):
    """Return the push service, which has forgotten what came."""
    running_service.came, running_service.answers = [], {}
    return running_service


@pytest.fixture
def person(app, service):
    """Return a function that lets somebody have a browser."""
    return lambda user_id, session_id=None: Person(app, service, user_id, session_id)


@pytest.fixture
def start_worker(app, monkeypatch):
    """Return a function that starts what sends: at once, and not after seconds."""
    monkeypatch.setattr(calls, "READING_SECONDS", 0)
    # The application's own looks rarely.
    app.extensions["microflack_web_push_worker"].stop()
    started = []

    def start():
        delivery = Delivery(app.extensions["microflack_web_push_key"], local=True)
        started.append(WebPushWorker(app, delivery, period_seconds=0.02))
        started[-1].start()
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def sql(app):
    """Return a function that runs a statement, and returns its first column if any."""

    def sql(statement, **values):
        with app.app_context(), db.engine.begin() as connection:
            found = connection.execute(text(statement), values)
            return list(found.scalars()) if found.returns_rows else []

    return sql


@pytest.fixture
def wait_until_done(start_worker, sql):
    """Return a function that waits until all was sent, or need not be."""

    def wait_until_done():
        start_worker()
        wait_for(lambda: not sql("SELECT id FROM pushes"))

    return wait_until_done
