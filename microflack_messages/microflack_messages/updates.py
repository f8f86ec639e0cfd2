"""Changes of a message that is stored: another text or cards, and its deletion.

Whoever applies one has locked the counter of the message's room, as all who change
something in it do. So what is read here stays as it is until the commit.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, case, delete, insert, update

from microflack_messages.files import attachments
from microflack_messages.models import Message, PendingCard, now
from microflack_messages.web_push import calls

NOT_DELETED = Message.deleted.is_(False)
# What is left of a deleted message: when it was there, and what it answered.
TRACE = {"source": "", "html": "", "deleted": True, "mentions": "[]"}
TRACE |= {"reactions": None, "files": None}
_INSERT_PENDING = insert(PendingCard.__table__)


@dataclass(frozen=True, eq=False, slots=True)
class MessageUpdate:
    """New values of a message that is stored.

    :param values: with another ``revision``; ``updated_at`` never goes back.
    :param replaces: the only revision that is to be changed: link cards belong to one.
    :param calls_added: whether browsers are told, of those whom it mentions only now.
    """

    room_id: int
    message_id: int
    values: dict[str, Any]
    expects_cards: bool = False
    replaces: str | None = None
    calls_added: bool = False

    @property
    def revision(self) -> str:
        """Return what names the change."""
        revision: str = self.values["revision"]
        return revision

    def apply(self, connection: Connection, number: int) -> bool:
        """Store it; False if the message is not there, or not as it was."""
        conditions = [NOT_DELETED]
        if self.replaces:
            conditions.append(Message.revision == self.replaces)
            done = PendingCard.revision == self.replaces
            connection.execute(delete(PendingCard).where(done))
        values = self.values | {"change": number}
        before = self._mentioned_before(connection)
        if not set_values(connection, self.message_id, values, *conditions):
            return False
        if self.calls_added:
            mentions = self.values["mentions"]
            calls.expect_added(connection, self.message_id, before, mentions)
        if self.expects_cards:
            expect_cards(connection, self.message_id, self.revision)
        return True

    def _mentioned_before(self, connection: Connection) -> set[int]:
        if not self.calls_added:
            return set()
        return calls.mentions_of(connection, self.message_id)


@dataclass(frozen=True, eq=False, slots=True)
class Deletion:
    """That a message loses its text, and all that was done with it."""

    room_id: int
    message_id: int
    # Another one: cards of the text that was there come too late.
    revision: str = field(default_factory=lambda: uuid4().hex)

    def apply(self, connection: Connection, number: int) -> bool:
        """Store it; False if the message is not there any more."""
        values = TRACE | {"revision": self.revision, "updated_at": now()}
        values["change"] = number
        attachments.drop(connection, self.message_id)
        return set_values(connection, self.message_id, values, NOT_DELETED)


def set_values(
    connection: Connection,
    message_id: int,
    values: dict[str, Any],
    *conditions: ColumnElement[bool],
) -> bool:
    """Give a message values, if it is as the conditions say; return whether it was.

    :param values: with ``updated_at``, which never goes back.
    """
    at = values["updated_at"]
    never_back = case((Message.updated_at > at, Message.updated_at), else_=at)
    query = update(Message.__table__).where(Message.id == message_id, *conditions)
    changed = connection.execute(query.values(values | {"updated_at": never_back}))
    return bool(changed.rowcount)


def expect_cards(connection: Connection, message_id: int, revision: str) -> None:
    """Store that a revision of a message waits for its link cards."""
    waiting = {"revision": revision, "message_id": message_id, "since": now()}
    connection.execute(_INSERT_PENDING, waiting)
