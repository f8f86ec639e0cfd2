"""The messages service as a Flask application."""

from pathlib import Path

from apiflask import APIFlask
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from microflack_common import database, errors, health, logs
from microflack_messages import events
from microflack_messages.config import Config
from microflack_messages.models import db, migrate
from microflack_messages.routes import messages

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def create_app(config: object | None = None) -> APIFlask:
    """Return the application; ``config`` takes the place of the environment."""
    app = APIFlask(
        "microflack_messages",
        title="MicroFlack messages",
        version="2",
        spec_path="/api/messages/openapi.json",
        docs_path=None,
        static_folder=None,
    )
    app.config.from_object(config or Config())
    logs.init_app(app)
    errors.init_app(app)
    for away in (OperationalError, InterfaceError, PoolTimeoutError):
        errors.depends_on(app, away, "The messages database")
    db.init_app(app)
    migrate.init_app(app, db)
    health.init_app(app, {"database": lambda: database.answers(app)})
    events.init_app(app)
    app.register_blueprint(messages)
    database.upgrade(app, MIGRATIONS)
    events.start(app)
    return app
