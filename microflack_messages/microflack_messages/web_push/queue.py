"""What is to be pushed, in the database: all instances work on it together.

A message that calls for somebody becomes one push for each subscription, in one
transaction. A subscription is claimed by one instance for some time, so that each push
is sent once. What an instance that died had claimed, another one sends after that time.
"""

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from microflack_messages import transactions
from microflack_messages.models import db, now
from microflack_messages.web_push import calls
from microflack_messages.web_push.models import Push, PushSubscription

logger = logging.getLogger(__name__)

AT_ONCE = 50
# As many may wait for push services that do not answer. What comes then is dropped.
CAPACITY = 10_000
# And so many for one subscription: whoever has one that never answers takes little of
# what there is for all.
MOST_WAITING = 50
# What could not be sent by then nobody needs.
MAX_AGE_SECONDS = 4 * 3600
# Longer than an instance sends to one subscription.
CLAIM_SECONDS = 60

_DUE = (
    select(Push.id, Push.message_id, Push.user_ids, Push.edited)
    .where(Push.subscription_id.is_(None), Push.due_at <= bindparam("at"))
    .order_by(Push.id)
    .limit(AT_ONCE)
)
_HOW_MANY_WAIT = (
    select(func.count())
    .where(Push.subscription_id == PushSubscription.id)
    .scalar_subquery()
)
_OF_USERS = select(PushSubscription.id).where(
    PushSubscription.user_id.in_(bindparam("user_ids", expanding=True)),
    bindparam("most") > _HOW_MANY_WAIT,
)
_READY = (
    select(PushSubscription.id, PushSubscription.next_at)
    .where(
        PushSubscription.next_at <= bindparam("at"),
        exists().where(Push.subscription_id == PushSubscription.id),
    )
    .limit(AT_ONCE)
)
_WAITING = (
    select(Push.id, Push.message_id, Push.user_ids, Push.edited)
    .where(Push.subscription_id == bindparam("subscription_id"))
    .order_by(Push.id)
    .limit(AT_ONCE)
)
_COUNT = select(func.count()).select_from(Push)
_REMOVE = delete(Push.__table__).where(Push.id == bindparam("of"))
_TOO_OLD = Push.due_at <= bindparam("before")
_IS_OLD = select(Push.id).where(_TOO_OLD).limit(1)
_OLD = delete(Push.__table__).where(_TOO_OLD)
_INSERT = insert(Push.__table__)
_THIS = update(PushSubscription.__table__).where(PushSubscription.id == bindparam("of"))
_CLAIM = _THIS.where(PushSubscription.next_at == bindparam("seen"))


def settle_due() -> None:
    """Settle who is told of the messages for which it is time."""
    with db.engine.connect() as connection:
        due = connection.execute(_DUE, {"at": now()}).all()
    for push in due:
        call = calls.call_of(push)
        user_ids = list(call.kinds) if call else []
        transactions.run(partial(_settle, push, user_ids))


def _settle(push: Row[Any], user_ids: Sequence[int], connection: Connection) -> None:
    # Only one instance removes it.
    if not connection.execute(_REMOVE, {"of": push.id}).rowcount:
        return
    whose = {"user_ids": user_ids, "most": MOST_WAITING}
    ids = connection.scalars(_OF_USERS, whose).all()
    if ids and connection.scalars(_COUNT).one() >= CAPACITY:
        logger.warning("Too much waits to be pushed: %d are not told", len(ids))
        return
    common = {"message_id": push.message_id, "due_at": now(), "edited": push.edited}
    rows = [common | {"subscription_id": one} for one in ids]
    if rows:
        connection.execute(_INSERT, rows)


def ready() -> Sequence[Row[Any]]:
    """Return the ``id`` and ``next_at`` of subscriptions that can be sent to."""
    with db.engine.connect() as connection:
        return connection.execute(_READY, {"at": now()}).all()


def claim(subscription_id: int, seen: int) -> bool:
    """Claim a subscription; False if another instance has done so.

    :param seen: its ``next_at``.
    """
    values = {"next_at": now() + CLAIM_SECONDS}
    return _change(_CLAIM.values(values), {"of": subscription_id, "seen": seen})


def release(subscription_id: int, pause_seconds: int, failures: int) -> None:
    """Give a subscription back; it is sent nothing before the pause is over."""
    values = {"next_at": now() + pause_seconds, "failures": failures}
    _change(_THIS.values(values), {"of": subscription_id})


def waiting(subscription_id: int) -> Sequence[Row[Any]]:
    """Return what a subscription is to be sent, as ``calls.call_of`` takes it."""
    with db.engine.connect() as connection:
        values = {"subscription_id": subscription_id}
        return connection.execute(_WAITING, values).all()


def done(push_id: int) -> None:
    """Forget a push that was sent, or that nobody needs any more."""
    _change(_REMOVE, {"of": push_id})


def forget_old() -> None:
    """Forget what has waited for too long."""
    before = {"before": now() - MAX_AGE_SECONDS}
    with db.engine.connect() as connection:
        is_any = connection.execute(_IS_OLD, before).first()
    if is_any:
        _change(_OLD, before)


def _change(query: Any, values: dict[str, int]) -> bool:
    def work(connection: Connection) -> bool:
        return bool(connection.execute(query, values).rowcount)

    return transactions.run(work)
