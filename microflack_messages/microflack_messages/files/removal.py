"""Remove what nobody sent within a day, and what went with its message or room."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import Row, bindparam, delete, select
from sqlalchemy.exc import SQLAlchemyError

from microflack_common import database
from microflack_common.errors import ServiceUnavailable
from microflack_common.outage import Outage
from microflack_common.within_requests import periodically
from microflack_common.workers import PeriodicTask
from microflack_messages.files import stores
from microflack_messages.files.models import File
from microflack_messages.files.stores import THUMBNAIL
from microflack_messages.models import now

PERIOD_SECONDS = 60.0
# For clocks that differ: what another instance may still send is not removed.
GRACE_SECONDS = 60
AT_ONCE = 100

_EXPIRED = (
    select(File.id, File.key, File.store)
    .where(File.expires_at <= bindparam("before"))
    .order_by(File.expires_at)
    .limit(AT_ONCE)
)
_DELETE = delete(File.__table__).where(File.id == bindparam("of"))


def init_app(app: Flask) -> None:
    """Have ``app`` look now and then for what is to be removed."""
    outage = Outage(
        "Cannot remove files",
        "Removing files again",
        (SQLAlchemyError, ServiceUnavailable),
    )

    def look() -> None:
        remove(app, is_over=lambda: task.wait(0))

    task = PeriodicTask("files", look, PERIOD_SECONDS, outage, jitter=0.5)
    app.extensions["microflack_file_removal"] = task
    periodically(app, task)


def remove(
    app: Flask,
    grace_seconds: int = GRACE_SECONDS,
    is_over: Callable[[], bool] = lambda: False,
) -> None:
    """Remove what has expired, first its content: what fails is done the next time.

    :param is_over: says when the rest is left for the next time, too.

    Raises what SQLAlchemy does, and ServiceUnavailable, when it has done the rest.
    """
    problem = None
    with app.app_context():
        with database.autocommit(app).connect() as connection:
            before = {"before": now() - grace_seconds}
            expired = connection.execute(_EXPIRED, before).all()
        for file in expired:
            if is_over():
                break
            try:
                _remove(app, file)
            except ServiceUnavailable as error:
                problem = error
    if problem:
        raise problem


def _remove(app: Flask, file: Row[Any]) -> None:
    store = stores.named(file.store)
    store.delete(file.key + THUMBNAIL)
    store.delete(file.key)
    with database.autocommit(app).connect() as connection:
        connection.execute(_DELETE, {"of": file.id})
