"""The example service as a Flask application."""

from pathlib import Path

from apiflask import APIFlask
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from microflack_common import (
    database,
    description,
    errors,
    health,
    logs,
    migrations,
    revocation,
    traces,
)
from microflack_common.config import version
from microflack_common.registry import Registry
from microflack_example.config import Config
from microflack_example.models import db
from microflack_example.routes import blueprint

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def create_app(
    config: object | None = None, registry: Registry | None = None
) -> APIFlask:
    """Return the application; the parameters take the place of the environment."""
    app = APIFlask(
        "microflack_example",
        title="MicroFlack example",
        version=version(__file__),
        spec_path="/api/example/openapi.json",
        docs_path=None,
        static_folder=None,
    )
    app.config.from_object(config or Config())
    logs.init_app(app)
    traces.init_app(app)
    errors.init_app(app)
    for away in (OperationalError, InterfaceError, PoolTimeoutError):
        errors.depends_on(app, away, "The example database")
    db.init_app(app)
    revocations = revocation.init_app(app, registry)
    checks = {
        "database": lambda: database.answers(app),
        "registry": revocations.check,
    }
    health.init_app(app, checks)
    app.register_blueprint(blueprint)
    description.init_app(app)
    migrations.upgrade(app, db, MIGRATIONS)
    return app
