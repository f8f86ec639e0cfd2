"""Change numbers: whoever knows a number can ask for all that happened after it.

Each change of a message gets the next number after it was committed, in a transaction
that holds the counter until its own commit. So numbers become visible in their order,
and without gaps, however many instances write. A message has the number of its last
change only.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Row,
    String,
    bindparam,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from microflack_messages.models import COLUMNS, Message, db, now, to_dict

# Seconds. What was committed that long before the last numbered change has its number,
# too: no clock is so wrong, and somebody looks more often for what was forgotten.
LATE = 20


# It can be compared with the messages' one, whatever the database was set up with.
Revision = String(32).with_variant(String(32, collation="utf8mb4_bin"), "mysql")


class Change(db.Model):  # type: ignore[name-defined]
    """The last numbered change of a message, and the revision that it led to."""

    __tablename__ = "message_changes"

    message_id: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(BigInteger, unique=True)
    revision: Mapped[str] = mapped_column(Revision)


class Counter(db.Model):  # type: ignore[name-defined]
    """The last number that was given; there is one row."""

    __tablename__ = "change_counter"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(BigInteger)


class Committed(NamedTuple):
    """A change that is committed: the message after it, and its revision."""

    model: dict[str, Any]
    revision: str


LAST = select(Counter.last)
_STATES = (
    select(Message.id, Message.revision, Change.revision.label("numbered"))
    .outerjoin(Change, Change.message_id == Message.id)
    .where(Message.id.in_(bindparam("ids", expanding=True)))
)
# All databases that we know understand this one; SQLAlchemy has no name for it.
_REPLACE = text(
    "REPLACE INTO message_changes (message_id, number, revision) "
    "VALUES (:message_id, :number, :revision)"
)
_AFTER = (
    select(*COLUMNS, Change.number)
    .join(Change, Change.message_id == Message.id)
    .where(Change.number > bindparam("after"))
    .order_by(Change.number)
    .limit(bindparam("rows"))
)


def number(committed: Sequence[Committed]) -> list[tuple[int, Committed]]:
    """Give changes their numbers; return those that needed one, in their order.

    A change of a message whose newest revision has a number already is older than that
    one, or the same, and is left out. Raises what SQLAlchemy does, and then nothing
    has a number.
    """
    changes = {(one.model["id"], one.revision): one for one in committed}.values()
    ids = sorted({change.model["id"] for change in changes})
    with db.engine.begin() as connection:
        # From here to the commit nobody else gets any further.
        connection.execute(update(Counter).values(last=Counter.last + len(changes)))
        last = connection.scalars(LAST).one() - len(changes)
        rows = connection.execute(_STATES, {"ids": ids})
        due = {row.id for row in rows if row.revision != row.numbered}
        new = [change for change in changes if change.model["id"] in due]
        numbered = list(enumerate(new, last + 1))
        if numbered:
            connection.execute(_REPLACE, list(_newest(numbered).values()))
        if len(new) < len(changes):
            connection.execute(update(Counter).values(last=last + len(new)))
    return numbered


def _newest(numbered: list[tuple[int, Committed]]) -> dict[int, dict[str, Any]]:
    """Return the rows to be stored by message: of several changes the last one's."""
    return {
        model["id"]: {"message_id": model["id"], "number": n, "revision": revision}
        for n, (model, revision) in numbered
    }


def unnumbered(limit: int) -> list[Committed]:
    """Return changes that still need a number, the oldest first.

    They are those of instances that died, and of releases that give none.
    """
    newest = (
        select(Message.updated_at)
        .join(Change, Change.message_id == Message.id)
        .order_by(Change.number.desc())
        .limit(1)
    )
    with db.engine.connect() as connection:
        since = min(connection.scalar(newest) or 0, now()) - LATE
        due = (
            select(*COLUMNS, Message.revision)
            .outerjoin(Change, Change.message_id == Message.id)
            .where(Message.updated_at >= since)
            .where(or_(Change.revision.is_(None), Change.revision != Message.revision))
            .order_by(Message.updated_at, Message.id)
            .limit(limit)
        )
        rows = connection.execute(due)
        return [Committed(to_dict(row), row.revision) for row in rows]


def with_change(model: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a message together with the number of its change, as clients see it."""
    return model | {"change": number}


def after(number: int, limit: int) -> tuple[list[dict[str, Any]], int, bool]:
    """Return what changed after a number: messages, and up to which number that is all.

    The third value says whether there is more after that. A number that was never
    given comes from another time, such as before a backup was restored: then the
    last number of today is returned, which is lower.
    """
    with db.engine.connect() as connection:
        values = {"after": number, "rows": limit + 1}
        rows = list(connection.execute(_AFTER, values))
        # Asked for afterwards, it may be a number that the rows do not know.
        last = number if rows else min(number, connection.scalar(LAST) or 0)
    messages = [with_change(to_dict(row), row.number) for row in rows[:limit]]
    return messages, messages[-1]["change"] if messages else last, len(rows) > limit


def recent(seconds: int, limit: int) -> list[Row[Any]]:
    """Return the last numbered changes of the last seconds, newest first."""
    query = (
        select(*COLUMNS, Message.revision, Change.number)
        .join(Change, Change.message_id == Message.id)
        .where(Change.revision == Message.revision)
        .where(Message.updated_at >= now() - seconds)
        .order_by(Change.number.desc())
        .limit(limit)
    )
    with db.engine.connect() as connection:
        return list(connection.execute(query))
