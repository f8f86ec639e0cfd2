"""End tokens, sessions, and all of a user or of everybody.

Each is committed first and then told through the registry, where every instance of
every service hears of it. What could not be told is told as soon as the registry is
there, by whoever is left: nothing that was ended comes back.
"""

import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from flask import Flask, current_app
from sqlalchemy import Connection, delete, insert, select, update

from microflack_common.claims import Claims
from microflack_common.errors import ServiceUnavailable
from microflack_common.registry import RegistryError
from microflack_common.republished_keys import RepublishedKeys
from microflack_common.revocation import Cut, Revocations
from microflack_common.tokens import LIFETIME_SECONDS
from microflack_tokens.models import (
    COUNTER_ID,
    SESSION,
    TOKEN,
    CutCounter,
    Ended,
    Session,
    StoredCut,
    db,
)
from microflack_tokens.sessions import IDLE_SECONDS

NOT_TOLD = (
    "It has been ended, but not everywhere yet: the registry is away. It will be as "
    "soon as the registry is back."
)


class Newest(NamedTuple):
    """The newest access token of a session that was ended, and when it expires."""

    token_id: str
    expires_at: int


def init_app(app: Flask, revocations: Revocations) -> RepublishedKeys:
    """Have ``app`` tell what was ended, now and whenever the registry has lost it."""
    republished = RepublishedKeys(revocations.keys, _tell_all)
    republished.init_app(app)
    app.extensions["microflack_endings"] = republished
    return republished


def end_token(claims: Claims) -> None:
    """End a token and its session, if it has one.

    Raises ServiceUnavailable if that could not be told everywhere yet.
    """
    until, newest = _until(), None
    with db.engine.begin() as connection:
        _store(connection, TOKEN, claims.token_id, claims.user_id, claims.expires_at)
        if claims.session_id:
            newest = _end(connection, claims.session_id, claims.user_id, until)
    # What ends more goes first: who asks again after that is refused everywhere.
    if claims.session_id:
        _tell_session(claims.session_id, until, newest)
    _tell(lambda to: to.revoke_token(claims.token_id, claims.expires_at))


def end_session(session_id: str, user_id: int) -> bool:
    """End a session of a user; say whether there is one, or was one lately.

    Raises as ``end_token`` does.
    """
    until = _until()
    with db.engine.begin() as connection:
        newest = _end(connection, session_id, user_id, until)
    if newest is None:
        return False
    _tell_session(session_id, until, newest)
    return True


def end_all(user_id: int | None, spared: str = "") -> None:
    """End all tokens and sessions of a user or, without one, of everybody.

    :param spared: the id of a session, or of a token without one, that goes on.

    Raises as ``end_token`` does.
    """
    with db.engine.begin() as connection:
        cut = Cut(_next_number(connection), int(time.time()), spared)
        values = {"user_id": user_id, **cut._asdict()}
        connection.execute(insert(StoredCut).values(values))
        theirs = [] if user_id is None else [Session.user_id == user_id]
        connection.execute(
            update(Session)
            .where(Session.id == spared, *theirs)
            .values(generation=cut.number)
        )
        ended = (Session.generation < cut.number, *theirs)
        recent = Session.token_issued_at > cut.at - LIFETIME_SECONDS
        columns = (Session.token_id, Session.token_issued_at)
        tokens = connection.execute(select(*columns).where(recent, *ended)).all()
        connection.execute(delete(Session).where(*ended))
    _tell(lambda to: to.end_all(cut, user_id, cut.at + LIFETIME_SECONDS))
    for token_id, issued_at in tokens:
        # For services that know nothing of sessions.
        newest = Newest(token_id, issued_at + LIFETIME_SECONDS)
        _tell(partial(Revocations.revoke_token, **newest._asdict()))


def forget() -> None:
    """Delete what no token is left of."""
    now = int(time.time())
    with db.engine.begin() as connection:
        connection.execute(delete(Ended).where(Ended.until < now))
        # No refresh token is left that such a cut would have to end.
        before = now - IDLE_SECONDS - LIFETIME_SECONDS
        connection.execute(delete(StoredCut).where(StoredCut.at < before))


def _until() -> int:
    """Return when the last token expires that is issued now."""
    return int(time.time()) + LIFETIME_SECONDS


def _next_number(connection: Connection) -> int:
    # The row is locked to the commit: numbers become visible in their order, and who
    # signs in afterwards knows the last one.
    mine = CutCounter.id == COUNTER_ID
    connection.execute(update(CutCounter).where(mine).values(last=CutCounter.last + 1))
    number: int = connection.scalars(select(CutCounter.last).where(mine)).one()
    return number


def _end(
    connection: Connection, session_id: str, user_id: int, until: int
) -> Newest | None:
    """Delete a session; return the id and the expiry of its newest token.

    They are empty for a session that was ended lately; None if there was none.
    """
    theirs = (Session.id == session_id, Session.user_id == user_id)
    columns = (Session.token_id, Session.token_issued_at)
    newest = connection.execute(select(*columns).where(*theirs)).one_or_none()
    if newest is None:
        before = select(Ended.id).where(
            Ended.kind == SESSION, Ended.id == session_id, Ended.user_id == user_id
        )
        return Newest("", 0) if connection.scalar(before) else None
    expires_at = newest.token_issued_at + LIFETIME_SECONDS
    connection.execute(delete(Session).where(*theirs))
    _store(connection, SESSION, session_id, user_id, until)
    _store(connection, TOKEN, newest.token_id, user_id, expires_at)
    return Newest(newest.token_id, expires_at)


def _store(
    connection: Connection, kind: str, what: str, user_id: int, until: int
) -> None:
    values = {"kind": kind, "id": what, "user_id": user_id, "until": until}
    connection.execute(
        insert(Ended)
        .values(values)
        # It may be ended at two places at once.
        .prefix_with("IGNORE", dialect="mysql")
        .prefix_with("OR IGNORE", dialect="sqlite")
    )


def _tell_session(session_id: str, until: int, newest: Newest | None) -> None:
    _tell(lambda to: to.end_session(session_id, until))
    if newest and newest.token_id:
        # For services that know nothing of sessions.
        _tell(lambda to: to.revoke_token(*newest))


def _tell(call: Callable[[Revocations], object]) -> None:
    try:
        call(_revocations())
    except RegistryError as error:
        current_app.extensions["microflack_endings"].write_again()
        raise ServiceUnavailable(NOT_TOLD) from error


def _tell_all() -> None:
    now = int(time.time())
    with db.engine.connect() as connection:
        ended = connection.execute(
            select(Ended.kind, Ended.id, Ended.until).where(Ended.until > now)
        ).all()
        cuts = connection.execute(
            select(*StoredCut.__table__.columns).where(
                StoredCut.at > now - LIFETIME_SECONDS
            )
        ).all()
    for row in ended:
        end = _revocations().revoke_token, _revocations().end_session
        end[row.kind == SESSION](row.id, row.until)
    for row in cuts:
        cut = Cut(row.number, row.at, row.spared)
        _revocations().end_all(cut, row.user_id, row.at + LIFETIME_SECONDS)


def _revocations() -> Revocations:
    revocations: Revocations = current_app.extensions["microflack_revocations"]
    return revocations
