"""Keep what browsers have subscribed to, each for its session."""

from collections.abc import Collection
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from microflack_common.claims import Claims
from microflack_messages import transactions
from microflack_messages.models import db, now
from microflack_messages.web_push.delivery import Target
from microflack_messages.web_push.models import Push, PushSubscription

# Of one person; a further one takes the place of that whose page was closed longest.
MAX_PER_USER = 20

_OF_SESSION = PushSubscription.session_id == bindparam("of_session")
_OF_BROWSER = PushSubscription.digest == bindparam("of_digest")
_FIND = select(PushSubscription.wants_text).where(_OF_SESSION)
_OWN = select(PushSubscription.id).where(_OF_SESSION)
_RENEW = update(PushSubscription.__table__).where(_OF_SESSION, _OF_BROWSER)
# Another session may have had this browser, or the session another subscription.
_BEFORE = select(PushSubscription.id).where(_OF_SESSION | _OF_BROWSER)
_INSERT = insert(PushSubscription.__table__)
_SURPLUS = (
    select(PushSubscription.id)
    .where(PushSubscription.user_id == bindparam("user_id"))
    .order_by(PushSubscription.renewed_at.desc(), PushSubscription.id.desc())
    .offset(MAX_PER_USER)
    # MariaDB knows no offset without a limit.
    .limit(MAX_PER_USER)
)


def find(claims: Claims) -> Row[Any] | None:
    """Return whether a session's browser ``wants_text``; None if it is not told."""
    with db.engine.connect() as connection:
        found = connection.execute(_FIND, {"of_session": claims.session_id})
        return found.one_or_none()


def put(claims: Claims, target: Target, wants_text: bool) -> None:
    """Have a session's browser told; what it or the session had before ends."""
    values = _values(claims, target) | {"wants_text": wants_text}
    keys = {"of_session": values["session_id"], "of_digest": values["digest"]}

    def work(connection: Connection) -> None:
        if not connection.execute(_RENEW.values(values), keys).rowcount:
            remove(connection, connection.scalars(_BEFORE, keys).all())
            new = {"created_at": values["renewed_at"], "next_at": 0, "failures": 0}
            connection.execute(_INSERT, values | new)
        surplus = connection.scalars(_SURPLUS, {"user_id": claims.user_id}).all()
        remove(connection, surplus)

    try:
        transactions.run(work)
    except IntegrityError:
        # Another request has done the same at this moment.
        transactions.run(work)


def end(claims: Claims) -> None:
    """Tell a session's browser no more."""

    def work(connection: Connection) -> None:
        own = {"of_session": claims.session_id}
        remove(connection, connection.scalars(_OWN, own).all())

    transactions.run(work)


def remove(connection: Connection, ids: Collection[int]) -> None:
    """Remove subscriptions, with what waits for them."""
    if ids:
        waiting = Push.subscription_id.in_(ids)
        connection.execute(delete(Push.__table__).where(waiting))
        these = PushSubscription.id.in_(ids)
        connection.execute(delete(PushSubscription.__table__).where(these))


def _values(claims: Claims, target: Target) -> dict[str, Any]:
    known = "\n".join((target.endpoint, target.p256dh, target.auth))
    at = now()
    return target._asdict() | {
        "user_id": claims.user_id,
        "session_id": claims.session_id,
        "generation": claims.generation,
        "digest": sha256(known.encode()).hexdigest(),
        "renewed_at": at,
        "checked_at": at,
    }
