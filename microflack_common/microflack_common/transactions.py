"""Transactions that are done anew where nothing but the moment was wrong.

Somebody else was in the way; the connection was lost; the server takes nothing now,
and another one of its cluster soon will. Needs the extra
``microflack-common[database]``.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from microflack_common.errors import ServiceUnavailable
from microflack_common.outage import backoff

logger = logging.getLogger(__name__)

T = TypeVar("T")

# How long something is tried again, and the pauses between two tries.
RETRY_SECONDS = 8.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.01, 0.5
# How much longer it is tried to find out whether a transaction was committed.
LOOKUP_SECONDS = 8.0
# MariaDB: a deadlock, and a lock that was waited for too long. Nodes of a cluster say
# the first of what another one has changed at the same time, at the COMMIT also.
IN_THE_WAY = {1213, 1205}
# PyMySQL: no server is there, or it does not answer.
CANNOT_CONNECT = {2002, 2003}
UNKNOWN = "The database is away. Perhaps it was stored: look before a new try."


class UnknownOutcome(ServiceUnavailable):
    """Raised when nobody can say whether something was stored."""


def run(
    engine: Engine,
    work: Callable[[Connection], T],
    is_stored: Callable[[Connection, T], bool] | None = None,
) -> T:
    """Return what ``work`` does in a transaction of its own, once that is committed.

    What it raises takes all of it back. Raises what SQLAlchemy does, too, and
    UnknownOutcome.

    :param is_stored: asked before a new try, in its transaction, if the connection was
        lost at the COMMIT: says whether what ``work`` returned was stored. Without it,
        ``work`` does no harm when it is done twice.
    """
    end = time.monotonic() + RETRY_SECONDS
    pauses = backoff(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
    doubtful: list[T] = []
    while True:
        try:
            return _try(engine, work, is_stored, doubtful)
        except DBAPIError as error:
            if not passes(error):
                raise
            if doubtful and time.monotonic() > end + LOOKUP_SECONDS:
                raise UnknownOutcome(UNKNOWN) from error
            if not doubtful and time.monotonic() > end:
                raise
        time.sleep(next(pauses))


def _try(
    engine: Engine,
    work: Callable[[Connection], T],
    is_stored: Callable[[Connection, T], bool] | None,
    doubtful: list[T],
) -> T:
    with engine.connect() as connection:
        for result in doubtful if is_stored else ():
            if is_stored and is_stored(connection, result):
                return result
        result = work(connection)
        try:
            connection.commit()
        except DBAPIError as error:
            if is_away(error):
                logger.warning("The connection was lost at a COMMIT: %s", error.orig)
                doubtful.append(result)
            raise
        return result


def commit(session: Any, is_stored: Callable[[], bool]) -> None:
    """Commit what a session of SQLAlchemy has; find out what came of it if need be.

    Raises what SQLAlchemy does when it was not stored, and UnknownOutcome.

    :param is_stored: asks the database, by the same session, if the connection was lost
        at the COMMIT.
    """
    try:
        session.commit()
    except DBAPIError as error:
        session.rollback()
        if not is_away(error) or not _ask(session, is_stored, error):
            raise


def _ask(session: Any, is_stored: Callable[[], bool], lost: DBAPIError) -> bool:
    logger.warning("The connection was lost at a COMMIT: %s", lost.orig)
    end = time.monotonic() + LOOKUP_SECONDS
    for pause in backoff(FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS):
        try:
            return is_stored()
        except DBAPIError as error:
            session.rollback()
            if not passes(error) or time.monotonic() > end:
                raise UnknownOutcome(UNKNOWN) from error
        time.sleep(pause)
    return False


def passes(error: Exception) -> bool:
    """Say whether the same may succeed if it is tried again."""
    return is_in_the_way(error) or is_away(error)


def is_in_the_way(error: Exception) -> bool:
    """Say whether something failed only since somebody else did something else."""
    return "database is locked" in str(error) or error_code(error) in IN_THE_WAY


def is_away(error: Exception) -> bool:
    """Say whether there is no connection to the database, or it was lost."""
    lost: bool = getattr(error, "connection_invalidated", False)
    return lost or error_code(error) in CANNOT_CONNECT


def error_code(error: Exception) -> int:
    """Return the number that the database's driver gave an error; 0 if it has none."""
    arguments = getattr(getattr(error, "orig", None), "args", ())
    return arguments[0] if arguments and isinstance(arguments[0], int) else 0
