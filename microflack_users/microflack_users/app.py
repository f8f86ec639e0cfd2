"""The users service as a Flask application."""

from pathlib import Path

from apiflask import APIFlask
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from microflack_common import (
    database,
    description,
    errors,
    health,
    limits,
    logs,
    migrations,
    push,
    revocation,
    traces,
    uploads,
)
from microflack_common.config import version
from microflack_common.registry import Registry
from microflack_users import (  # noqa: F401 (routes add to the blueprint)
    accounts,
    admin_routes,
    block_routes,
    document,
    events,
    hashing_queue,
    leftovers,
    listing,
    name_claims,
    own_routes,
    picture_routes,
    pictures,
    presence,
    roles,
    sessions,
    stored,
)
from microflack_users.blueprint import users
from microflack_users.config import Config
from microflack_users.models import REVISION_TABLE, db

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def create_app(
    config: object | None = None, registry: Registry | None = None
) -> APIFlask:
    """Return the application; the parameters take the place of the environment."""
    app = APIFlask(
        "microflack_users",
        title="MicroFlack users",
        version=version(__file__),
        spec_path="/api/users/openapi.json",
        docs_path=None,
        static_folder=None,
    )
    app.config.from_object(config or Config())
    logs.init_app(app)
    traces.init_app(app)
    errors.init_app(app)
    for away in (OperationalError, InterfaceError, PoolTimeoutError):
        errors.depends_on(app, away, "The users database")
    db.init_app(app)
    revocations = revocation.init_app(app, registry)
    rights = roles.init_app(app, revocations)
    checks = {
        "database": lambda: database.answers(app),
        "queue": lambda: push.answers(app),
        "registry": revocations.check,
        "rights": rights.check,
    }
    health.init_app(app, checks)
    hashing_queue.init_app(app)
    limits.init_app(app, accounts.limits_of(app))
    events.init_app(app)
    presence.init_app(app)
    listing.init_app(app)
    name_claims.init_app(app)
    sessions.init_app(app)
    leftovers.init_app(app)
    uploads.accept(app, "users.set_picture", pictures.MAX_BODY_BYTES)
    app.register_blueprint(users)
    description.init_app(app, document.complete)
    migrations.upgrade(app, db, MIGRATIONS, REVISION_TABLE)
    return app
