"""Store changes, each with the next number of its room, in one transaction.

A room's counter is locked from its first use in a transaction to the commit. So the
numbers of a room have no gaps, become visible in their order, and the order in which
changes are acknowledged is theirs, however many instances write. A message has the
number of its last change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple, Protocol

from sqlalchemy import (
    Connection,
    Row,
    bindparam,
    func,
    insert,
    select,
    update,
)

from microflack_messages import admission
from microflack_messages.files import attachments
from microflack_messages.models import COLUMNS, Message, Room, to_dict
from microflack_messages.updates import expect_cards
from microflack_messages.web_push import calls


@dataclass(frozen=True, eq=False, slots=True)
class NewMessage:
    """A message that is to be stored.

    :param values: of all columns except ``id``, ``change`` and those that have a
        default here.
    """

    values: dict[str, Any]
    expects_cards: bool
    # The ids of the files that are sent with it.
    file_ids: Sequence[int] = ()
    # Whether browsers are to be told of it.
    calls_somebody: bool = False

    @property
    def room_id(self) -> int:
        """Return where it is said."""
        room_id: int = self.values["room_id"]
        return room_id


class Update(Protocol):
    """A change of a message that is stored."""

    @property
    def room_id(self) -> int:
        """Return where the message is."""

    @property
    def message_id(self) -> int:
        """Return which message it is."""

    @property
    def revision(self) -> str | None:
        """Return the revision of the message that the change makes, if it does."""

    def apply(self, connection: Connection, number: int) -> bool:
        """Store it with this number; False if there is nothing to be changed.

        The room's counter is locked meanwhile.
        """


Change = NewMessage | Update


class Stored(NamedTuple):
    """A change that was stored: the message after it, and the revision it made."""

    model: dict[str, Any]
    revision: str | None
    is_new: bool = False


# Made once: making them takes longer than what the server needs for them.
_INSERT = insert(Message.__table__).returning(Message.id, Message.change)
# What nobody has done yet with a new message, or said of it.
_DEFAULTS = {"edited_at": None, "deleted": False, "reactions": None}
_DEFAULTS |= {"reply_to": None, "mentions": "[]", "files": None}
_READ = select(*COLUMNS).where(Message.id == bindparam("id"))
_READ_REVISION = _READ.add_columns(Message.revision)
_THIS_ROOM = Room.id == bindparam("room_id")
_LOCK = select(Room.last_change).where(_THIS_ROOM).with_for_update()
_RESET = (
    update(Room.__table__).where(_THIS_ROOM).values(last_change=bindparam("number"))
)
_RAISED = Room.last_change + bindparam("count")
_TAKE = update(Room.__table__).where(_THIS_ROOM)
_TAKE_RETURNING = _TAKE.values(last_change=_RAISED).returning(Room.last_change)
# MariaDB returns nothing from an UPDATE but this.
_TAKE_REMEMBERING = _TAKE.values(last_change=func.last_insert_id(_RAISED))


def take_numbers(connection: Connection, room_id: int, count: int) -> int:
    """Take the room's next numbers; return the last one before them.

    Nobody else takes any until the transaction ends.
    """
    values = {"room_id": room_id, "count": count}
    if connection.dialect.name == "mysql":
        last: int = connection.execute(_TAKE_REMEMBERING, values).lastrowid
    else:
        last = connection.scalars(_TAKE_RETURNING, values).one()
    return last - count


def lock_counter(connection: Connection, room_id: int) -> int:
    """Return a room's last number; nobody else takes one until the transaction ends."""
    return connection.scalars(_LOCK, {"room_id": room_id}).one()


def store(
    connection: Connection, room_id: int, changes: Sequence[Change]
) -> list[Stored | None]:
    """Store changes of a room, and return them with their numbers, each at its place.

    None stands for an update whose message is not there, or not as it was, and for a
    new message whose author may not write there any more; it takes no number. The
    caller begins and commits. Raises what SQLAlchemy does.
    """
    last = take_numbers(connection, room_id, len(changes))
    taken = last + len(changes)
    stored: dict[int, Stored] = {}
    for place, change in enumerate(changes):
        if isinstance(change, NewMessage) or not change.apply(connection, last + 1):
            continue
        last += 1
        row = connection.execute(_READ, {"id": change.message_id}).one()
        stored[place] = Stored(to_dict(row), change.revision)
    new = [(p, one) for p, one in enumerate(changes) if isinstance(one, NewMessage)]
    authors = {one.values["user_id"] for _, one in new}
    admitted = admission.writers(connection, room_id, authors)
    new = [(p, one) for p, one in new if one.values["user_id"] in admitted]
    stored |= _insert(connection, new, last + 1)
    last += len(new)
    if last < taken:
        connection.execute(_RESET, {"room_id": room_id, "number": last})
    return [stored.get(place) for place in range(len(changes))]


def is_stored(connection: Connection, room_id: int, stored: Sequence[Stored]) -> bool:
    """Say whether these, of one transaction whose end is not known, were committed.

    Waits until that transaction has ended. The caller begins and rolls back.
    """
    lock_counter(connection, room_id)
    for one in stored:
        found = connection.execute(_READ_REVISION, {"id": one.model["id"]}).first()
        # An update that another one has followed may be made again: nobody has been
        # told of it yet. A new message may have got its cards since then.
        if found and (found.revision == one.revision or _has_cards(found, one)):
            return True
    return False


def _has_cards(found: Row[Any], stored: Stored) -> bool:
    # The id alone says nothing: a server that died gives the ids of what it had not
    # committed to others.
    same = ("user_id", "created_at", "source")
    return stored.is_new and all(
        getattr(found, name) == stored.model[name] for name in same
    )


def _insert(
    connection: Connection, new: Sequence[tuple[int, NewMessage]], first: int
) -> dict[int, Stored]:
    """Store new messages, numbered from ``first`` on; return them by their places."""
    if not new:
        return {}
    rows = [
        _DEFAULTS | one.values | {"change": n} for n, (_, one) in enumerate(new, first)
    ]
    ids = {change: row_id for row_id, change in connection.execute(_INSERT, rows)}
    stored = {}
    for (place, one), row in zip(new, rows, strict=True):
        row["id"] = ids[row["change"]]
        stored[place] = Stored(to_dict(SimpleNamespace(**row)), row["revision"], True)
        if one.expects_cards:
            expect_cards(connection, row["id"], row["revision"])
        if one.calls_somebody:
            calls.expect(connection, row["id"], row["mentions"])
        if one.file_ids:
            attachments.send(connection, row, one.file_ids)
    return stored
