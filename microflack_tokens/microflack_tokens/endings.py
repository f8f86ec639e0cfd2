"""End tokens, sessions, and all of a user or of everybody.

Each is committed first and then told (see ``telling``).
"""

import time
from collections.abc import Sequence

from sqlalchemy import Connection, Row, delete, insert, select, update

from microflack_common import transactions
from microflack_common.claims import Claims
from microflack_common.revocation import Cut
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
from microflack_tokens.telling import Newest, tell_cut, tell_session, tell_token


def end_token(claims: Claims) -> None:
    """End a token and its session, if it has one.

    Raises ServiceUnavailable if that could not be told everywhere yet.
    """
    until = _until()

    def work(connection: Connection) -> Newest | None:
        _store(connection, TOKEN, claims.token_id, claims.user_id, claims.expires_at)
        if not claims.session_id:
            return None
        return _end(connection, claims.session_id, claims.user_id, until)

    newest = transactions.run(db.engine, work)
    # What ends more goes first: who asks again after that is refused everywhere.
    if claims.session_id:
        tell_session(claims.session_id, until, newest)
    tell_token(claims.token_id, claims.expires_at)


def end_session(session_id: str, user_id: int) -> bool:
    """End a session of a user; say whether there is one, or was one lately.

    Raises as ``end_token`` does.
    """
    until = _until()
    newest = transactions.run(
        db.engine, lambda connection: _end(connection, session_id, user_id, until)
    )
    if newest is None:
        return False
    tell_session(session_id, until, newest)
    return True


def end_all(user_id: int | None, spared: str = "") -> None:
    """End all tokens and sessions of a user or, without one, of everybody.

    :param spared: the id of a session, or of a token without one, that goes on.

    Raises as ``end_token`` does.
    """
    cut, tokens = transactions.run(
        db.engine,
        lambda connection: _cut(connection, user_id, spared),
        lambda connection, done: _is_cut(connection, user_id, done[0]),
    )
    tell_cut(cut, user_id)
    for token_id, issued_at in tokens:
        # For services that know nothing of sessions.
        tell_token(token_id, issued_at + LIFETIME_SECONDS)


def _cut(
    connection: Connection, user_id: int | None, spared: str
) -> tuple[Cut, Sequence[Row[tuple[str, int]]]]:
    """End sessions; return the cut, and the newest tokens that it ends."""
    cut = Cut(_next_number(connection), int(time.time()), spared)
    values = {"user_id": user_id, **cut._asdict()}
    connection.execute(insert(StoredCut).values(values))
    theirs = [] if user_id is None else [Session.user_id == user_id]
    spare = update(Session).where(Session.id == spared, *theirs)
    connection.execute(spare.values(generation=cut.number))
    ended = (Session.generation < cut.number, *theirs)
    recent = Session.token_issued_at > cut.at - LIFETIME_SECONDS
    columns = (Session.token_id, Session.token_issued_at)
    tokens = connection.execute(select(*columns).where(recent, *ended)).all()
    connection.execute(delete(Session).where(*ended))
    return cut, tokens


def _is_cut(connection: Connection, user_id: int | None, cut: Cut) -> bool:
    # The number alone says nothing: it may have been given to another one.
    same = {"number": cut.number, "user_id": user_id, "at": cut.at}
    query = select(StoredCut.number).filter_by(**same, spared=cut.spared)
    return connection.scalar(query) is not None


def forget() -> None:
    """Delete what no token is left of."""
    now = int(time.time())
    # No refresh token is left that such a cut would have to end.
    before = now - IDLE_SECONDS - LIFETIME_SECONDS

    def work(connection: Connection) -> None:
        connection.execute(delete(Ended).where(Ended.until < now))
        connection.execute(delete(StoredCut).where(StoredCut.at < before))

    transactions.run(db.engine, work)


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
