"""The tokens service as a Flask application."""

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
from microflack_common.http import Client
from microflack_common.registry import Registry
from microflack_tokens import document, events, telling
from microflack_tokens.config import Config
from microflack_tokens.models import db
from microflack_tokens.routes import tokens

MIGRATIONS = Path(__file__).parent.parent / "migrations"
# How long other services may take to connect, and to answer. On a busy machine a
# password is checked within ten, and to ask again would only make it busier. For an
# instance that is dead the load balancer answers sooner.
HTTP_TIMEOUTS_SECONDS = (2.0, 20.0)


def create_app(
    config: object | None = None, registry: Registry | None = None
) -> APIFlask:
    """Return the application; the parameters take the place of the environment."""
    app = APIFlask(
        "microflack_tokens",
        title="MicroFlack tokens",
        version=version(__file__),
        spec_path="/api/tokens/openapi.json",
        docs_path=None,
        static_folder=None,
    )
    app.config.from_object(config or Config())
    logs.init_app(app)
    traces.init_app(app)
    errors.init_app(app)
    for away in (OperationalError, InterfaceError, PoolTimeoutError):
        errors.depends_on(app, away, "The tokens database")
    db.init_app(app)
    revocations = revocation.init_app(app, registry)
    told = telling.init_app(app, revocations)
    checks = {
        "database": lambda: database.answers(app),
        "registry": revocations.check,
        "revocations": told.check,
    }
    # Other services are not its to vouch for.
    health.init_app(app, checks)
    events.init_app(app)
    app.extensions["microflack_services"] = Client(
        app.config["LB"], HTTP_TIMEOUTS_SECONDS
    )
    app.register_blueprint(tokens)
    description.init_app(app, document.complete)
    migrations.upgrade(app, db, MIGRATIONS)
    return app
