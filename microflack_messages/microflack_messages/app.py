"""The messages service as a Flask application."""

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
)
from microflack_common.config import version
from microflack_common.limits import RateLimit
from microflack_common.registry import Registry
from microflack_messages import (  # noqa: F401 (routes add to the blueprint)
    events,
    listing,
    mentioned,
    people,
    publication,
    purge,
    reaction_routes,
    room_events,
    room_list,
    routes,
    stored,
    unread,
    unread_events,
)
from microflack_messages.blueprint import messages
from microflack_messages.config import Config
from microflack_messages.files import setup as files
from microflack_messages.files.schemas import describe as describe_files
from microflack_messages.member_routes import member_api
from microflack_messages.models import REVISION_TABLE, db
from microflack_messages.room_routes import room_api
from microflack_messages.search import routes as search_routes  # noqa: F401
from microflack_messages.search import worker as index_worker
from microflack_messages.web_push import setup as web_push

# How many messages one user may post: in a second, and at once after a pause.
POSTS_PER_SECOND, POSTS_AT_ONCE = 10, 100
# How many files one user may upload: in a second, and at once after a pause.
UPLOADS_PER_SECOND, UPLOADS_AT_ONCE = 1, 50
# How many rooms one user may make: 20 at once, and 20 in an hour.
ROOMS_PER_SECOND, ROOMS_AT_ONCE = 20 / 3600, 20
PARTS = (
    publication,
    events,
    listing,
    people,
    mentioned,
    room_list,
    room_events,
    stored,
    unread,
    unread_events,
    purge,
    index_worker,
    files,
    web_push,
)
MIGRATIONS = Path(__file__).parent.parent / "migrations"


def create_app(
    config: object | None = None, registry: Registry | None = None
) -> APIFlask:
    """Return the application; the parameters take the place of the environment."""
    app = APIFlask(
        "microflack_messages",
        title="MicroFlack messages",
        version=version(__file__),
        spec_path="/api/messages/openapi.json",
        docs_path=None,
        static_folder=None,
    )
    app.config.from_object(config or Config())
    logs.init_app(app)
    traces.init_app(app)
    errors.init_app(app)
    for away in (OperationalError, InterfaceError, PoolTimeoutError):
        errors.depends_on(app, away, "The messages database")
    db.init_app(app)
    revocations = revocation.init_app(app, registry)
    checks = {
        "database": lambda: database.answers(app),
        "queue": lambda: push.answers(app),
        "registry": revocations.check,
    }
    health.init_app(app, checks)
    redis = app.config["REDIS"]
    posts = RateLimit("posts", POSTS_PER_SECOND, POSTS_AT_ONCE, redis)
    uploads = RateLimit("uploads", UPLOADS_PER_SECOND, UPLOADS_AT_ONCE, redis)
    made = RateLimit("rooms", ROOMS_PER_SECOND, ROOMS_AT_ONCE, redis)
    limits.init_app(app, {"posts": posts, "uploads": uploads, "rooms": made})
    for part in PARTS:
        part.init_app(app)
    for blueprint in (messages, room_api, member_api):
        app.register_blueprint(blueprint)
    description.init_app(app, describe_files)
    migrations.upgrade(app, db, MIGRATIONS, REVISION_TABLE)
    return app
