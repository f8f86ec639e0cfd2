"""Work beside instances of the releases 1 to 6 on the same database.

Those of 4 to 6 give a change its number after its commit: they count in
``change_counter``, and keep the number of a message in ``message_changes``. Those of 1
to 3 give none. So here both counters are locked and written, what those releases have
numbered is copied to the messages, and what they leave without a number gets one.

All that is for them is in this module. The next release never runs beside them.
"""

from flask import Flask
from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    String,
    bindparam,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from microflack_common.lifecycle import at_start
from microflack_common.outage import Outage
from microflack_common.workers import PeriodicTask
from microflack_messages import publication
from microflack_messages.models import EVERYONE, Message, Room, db, now
from microflack_messages.transactions import begin

# Between two looks for what has no number, and of how many at once.
LOOK_SECONDS, LIMIT = 2.0, 200
# What is that much older than the last numbered change has its number: no clock is so
# wrong, and somebody looks more often.
LATE_SECONDS = 20

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


COUNTERS = select(Counter.last, Room.last_change).where(
    Room.id == EVERYONE, Counter.id == Room.id
)
_LOCK = COUNTERS.with_for_update()
_ADVANCE = update(Counter.__table__).values(last=bindparam("number"))
_ADVANCE_ROOM = (
    update(Room.__table__)
    .where(Room.id == EVERYONE)
    .values(last_change=bindparam("number"))
)
# Both at once, one way to the server: SQLite has neither such a statement nor that way.
_ADVANCE_BOTH = text(
    "UPDATE change_counter, rooms SET change_counter.last = :number, "
    "rooms.last_change = :number WHERE rooms.id = change_counter.id"
)
# All databases that we know understand this one; SQLAlchemy has no name for it.
_REPLACE = text(
    "REPLACE INTO message_changes (message_id, number, revision) "
    "VALUES (:message_id, :number, :revision)"
)
_COPY = (
    update(Message)
    .where(Message.id == Change.message_id, Change.number > bindparam("since"))
    .values(change=Change.number)
)
_NUMBERED = (
    update(Message.__table__)
    .where(Message.id == bindparam("message_id"))
    .values(change=bindparam("number"))
)
# Of what a later release writes the messages alone know the number.
_KNOWN_BEFORE = or_(Message.change.is_(None), Message.change == Change.number)
_UNNUMBERED = (
    select(Message.id, Message.revision)
    .outerjoin(Change, Change.message_id == Message.id)
    .where(_KNOWN_BEFORE)
    .where(or_(Change.revision.is_(None), Change.revision != Message.revision))
)


def lock_counter(connection: Connection) -> int:
    """Return the last number of everybody's room, as ``changes.lock_counter`` does.

    What releases before this one have numbered since the last time is copied to the
    messages: from then on it can be found there.
    """
    counted, last_change = connection.execute(_LOCK).one()
    if counted > last_change:
        connection.execute(_COPY, {"since": last_change})
        connection.execute(_ADVANCE_ROOM, {"number": counted})
    return max(counted, last_change)


def advance(
    connection: Connection, last: int, numbers: dict[int, tuple[int, str]]
) -> None:
    """Set both counters, and let those releases know which numbers were given.

    :param numbers: the last number and the revision of each message that was changed.
    """
    _replace(connection, numbers)
    _advance(connection, last)


def _advance(connection: Connection, last: int) -> None:
    together = connection.dialect.name == "mysql"
    for one in (_ADVANCE_BOTH,) if together else (_ADVANCE, _ADVANCE_ROOM):
        connection.execute(one, {"number": last})


def _replace(connection: Connection, rows: dict[int, tuple[int, str]]) -> None:
    names = ("message_id", "number", "revision")
    values = [dict(zip(names, (k, *row), strict=True)) for k, row in rows.items()]
    connection.execute(_REPLACE, values)


def catch_up(engine: Engine) -> None:
    """Copy what those releases have numbered, if there is anything."""
    with engine.connect() as connection:
        counted, last_change = connection.execute(COUNTERS).one()
        connection.rollback()
        if counted > last_change:
            begin(connection)
            lock_counter(connection)
            connection.commit()


def init_app(app: Flask) -> None:
    """Have ``app`` number, every few seconds, what those releases leave without."""
    outage = Outage("Changes wait", "Changes are numbered again", SQLAlchemyError)
    task = PeriodicTask(
        "release-6", lambda: _look(app), LOOK_SECONDS, outage, at_once=True
    )
    app.extensions["microflack_beside_release_6"] = task
    at_start(app, task.start)


def _look(app: Flask) -> None:
    with app.app_context():
        catch_up(db.engine)
        while (rows := _unnumbered()) and _number(rows) == LIMIT:
            pass


def _unnumbered() -> dict[int, str]:
    """Return the revisions of messages that need a number, the oldest first."""
    newest = (
        select(Message.updated_at)
        .where(Message.room_id == EVERYONE, Message.change.is_not(None))
        .order_by(Message.change.desc())
        .limit(1)
    )
    with db.engine.connect() as connection:
        since = min(connection.scalar(newest) or 0, now()) - LATE_SECONDS
        late = _UNNUMBERED.where(Message.updated_at >= since)
        rows = connection.execute(late.order_by(Message.updated_at).limit(LIMIT))
        return {row.id: row.revision for row in rows}


def _number(revisions: dict[int, str]) -> int:
    """Number and publish those that still need it; return how many were looked at."""
    due = _UNNUMBERED.where(Message.id.in_(revisions))
    with db.engine.connect() as connection:
        begin(connection)
        last = lock_counter(connection)
        found = {row.id: row.revision for row in connection.execute(due)}
        ordered = [one for one in revisions if one in found]
        numbers = {one: (n, found[one]) for n, one in enumerate(ordered, last + 1)}
        if numbers:
            _replace(connection, numbers)
            values = [{"message_id": k, "number": n} for k, (n, _) in numbers.items()]
            connection.execute(_NUMBERED, values)
            _advance(connection, last + len(numbers))
        connection.commit()
    publication.publish_numbers(EVERYONE, [number for number, _ in numbers.values()])
    return len(revisions)
