"""Begin, renew and list sessions."""

import time
from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from microflack_common import transactions
from microflack_common.tokens import LIFETIME_SECONDS, Claims, encode_claims
from microflack_tokens import refresh_tokens
from microflack_tokens.models import COUNTER_ID, CutCounter, Session, StoredCut, db
from microflack_tokens.refresh_tokens import RefreshToken

# A refresh token is good for so long after it was made.
IDLE_SECONDS = 30 * 24 * 3600
# For so long the one before the newest is answered with the newest: an answer may be
# lost, and a second tab may ask at the same time.
GRACE_SECONDS = 10.0
MAX_AGENT_CHARACTERS = 200

_COLUMNS = Session.__table__.columns


class Pair(NamedTuple):
    """An access token, what it says, and the refresh token that came with it."""

    token: str
    claims: Claims
    refresh_token: RefreshToken


class Reused(Exception):
    """Raised for a refresh token whose place another one has taken long ago.

    Somebody has a copy of it: the session has to be ended.
    """

    def __init__(self, session_id: str, user_id: int) -> None:
        super().__init__(session_id)
        self.session_id = session_id
        self.user_id = user_id


def last_cut() -> int:
    """Return the number of the last cut; ask before a password is checked."""
    query = select(CutCounter.last).where(CutCounter.id == COUNTER_ID)
    with db.engine.connect() as connection:
        return connection.scalar(query) or 0


def last_cut_of(user_id: int) -> int:
    """Return the number of the last cut that ended sessions of a user."""
    query = select(func.max(StoredCut.number)).where(
        or_(StoredCut.user_id == user_id, StoredCut.user_id.is_(None))
    )
    with db.engine.connect() as connection:
        return connection.scalar(query) or 0


def begin(user_id: int, generation: int, agent: str, address: str) -> Pair:
    """Begin a session of a user whose password was right.

    :param generation: what ``last_cut`` was before the password was checked: what ended
        all sessions meanwhile ends this one, too.
    """
    now = time.time()
    refresh_token = refresh_tokens.first(uuid4().hex)
    values = {
        "id": refresh_token.session_id,
        "user_id": user_id,
        "created_at": int(now),
        "agent": agent[:MAX_AGENT_CHARACTERS],
        "address": address,
        "generation": generation,
        "chain_key": refresh_tokens.new_chain_key(),
        **_newest(refresh_token, now),
    }

    def work(connection: Connection) -> None:
        connection.execute(insert(Session).values(values))

    def is_stored(connection: Connection, _done: None) -> bool:
        return _has_newest(connection, values["id"], values["token_id"])

    transactions.run(db.engine, work, is_stored)
    return _pair(refresh_token, values)


def renew(given: RefreshToken) -> Pair | None:
    """Return a new pair for a refresh token; None if it is not good.

    Raises Reused if it was, a while ago.
    """
    while (session := _find(given.session_id)) is not None:
        now = time.time()
        genuine = given.leads_to(session.number, session.secret_hash, session.chain_key)
        if not genuine or _is_over(session, now):
            return None
        following = given.next(session.chain_key)
        if given.number < session.number:
            if _is_lost_answer(given, session, now):
                return _pair(following, session._asdict())
            raise Reused(session.id, session.user_id)
        values = _newest(following, now)
        if _take_place(session, values):
            return _pair(following, session._asdict() | values)
        # Somebody else has renewed or ended it at this moment: look again.
    return None


def user_of(given: RefreshToken) -> int | None:
    """Return whose session a refresh token belongs to; None if it was never given."""
    session = _find(given.session_id)
    if session is None:
        return None
    genuine = given.leads_to(session.number, session.secret_hash, session.chain_key)
    return session.user_id if genuine else None


def newest_claims(session_id: str) -> Claims | None:
    """Return what the newest access token of a session says; None if it has ended."""
    session = _find(session_id)
    return _claims(session._asdict()) if session else None


def forget_idle() -> None:
    """Delete the sessions whose refresh token has expired."""
    before = time.time() - IDLE_SECONDS
    idle = delete(Session).where(Session.last_used_at < before)
    transactions.run(db.engine, lambda connection: connection.execute(idle))


def _newest(token: RefreshToken, now: float) -> dict[str, Any]:
    return {
        "number": token.number,
        "secret_hash": token.hash,
        "renewed_at": now,
        "last_used_at": int(now),
        "token_id": uuid4().hex,
        "token_issued_at": int(now),
    }


def _find(session_id: str) -> Row[Any] | None:
    query = select(*_COLUMNS).where(Session.id == session_id)
    with db.engine.connect() as connection:
        return connection.execute(query).one_or_none()


def _is_over(session: Any, now: float) -> bool:
    is_idle = session.last_used_at + IDLE_SECONDS <= now
    return is_idle or session.generation < last_cut_of(session.user_id)


def _is_lost_answer(given: RefreshToken, session: Any, now: float) -> bool:
    is_recent = now - session.renewed_at <= GRACE_SECONDS
    return given.number == session.number - 1 and is_recent


def _take_place(session: Any, values: dict[str, Any]) -> bool:
    """Store a new refresh token; say whether the one before was still the newest."""
    statement = (
        update(Session)
        .where(Session.id == session.id, Session.number == session.number)
        .values(values)
    )

    def work(connection: Connection) -> bool:
        return connection.execute(statement).rowcount == 1

    def is_stored(connection: Connection, taken: bool) -> bool:
        return taken and _has_newest(connection, session.id, values["token_id"])

    return transactions.run(db.engine, work, is_stored)


def _has_newest(connection: Connection, session_id: str, token_id: str) -> bool:
    """Say whether a session has a token that nobody else can have made."""
    query = select(Session.token_id).where(Session.id == session_id)
    return connection.scalar(query) == token_id


def _claims(session: Mapping[str, Any]) -> Claims:
    return Claims(
        session["user_id"],
        session["token_issued_at"],
        session["token_issued_at"] + LIFETIME_SECONDS,
        session["token_id"],
        session["id"],
        session["generation"],
        session["created_at"],
    )


def _pair(refresh_token: RefreshToken, session: Mapping[str, Any]) -> Pair:
    claims = _claims(session)
    return Pair(encode_claims(claims), claims, refresh_token)
