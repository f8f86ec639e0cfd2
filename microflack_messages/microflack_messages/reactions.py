"""Reactions: who has answered a message with which emoji."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select

from microflack_messages.admission import writers
from microflack_messages.models import Message, now
from microflack_messages.updates import NOT_DELETED, set_values

MAX_EMOJI = 20
# As the API shows them: in the order in which each emoji, and each user, came first.
Reactions = list[dict[str, Any]]

_READ = select(Message.reactions).where(Message.id == bindparam("id"), NOT_DELETED)


class TooManyEmoji(Exception):
    """Raised when a message has as many different emoji as it may have."""


def changed(
    reactions: Reactions, emoji: str, user_id: int, present: bool
) -> Reactions | None:
    """Return reactions with or without one; None if they are so already.

    Raises TooManyEmoji if there would be one too many.

    :param present: whether the user's reaction is to be there.
    """
    by_emoji = {one["emoji"]: list(one["user_ids"]) for one in reactions}
    users = by_emoji.setdefault(emoji, [])
    if (user_id in users) == present:
        return None
    if present:
        users.append(user_id)
    else:
        users.remove(user_id)
    left = [{"emoji": e, "user_ids": ids} for e, ids in by_emoji.items() if ids]
    if len(left) > MAX_EMOJI:
        raise TooManyEmoji
    return left


@dataclass(frozen=True, eq=False, slots=True)
class ReactionChange:
    """That somebody's reaction to a message is to be there, or not to be there."""

    room_id: int
    message_id: int
    emoji: str
    user_id: int
    present: bool

    @property
    def revision(self) -> None:
        """Return None: the text stays, and with it the revision and its cards.

        If it is not known whether it was stored, it can be made again without harm.
        """
        return

    def apply(self, connection: Connection, number: int) -> bool:
        """Store it; False if there is nothing to change, or nothing more is possible.

        Only while all others wait for the room's counter it is known what is there.
        """
        row = connection.execute(_READ, {"id": self.message_id}).first()
        if row is None or not self._is_admitted(connection):
            return False
        before = json.loads(row.reactions) if row.reactions else []
        try:
            after = changed(before, self.emoji, self.user_id, self.present)
        except TooManyEmoji:
            return False
        if after is None:
            return False
        text = json.dumps(after, ensure_ascii=False, separators=(",", ":"))
        values = {"reactions": text if after else None, "change": number}
        values["updated_at"] = now()
        return set_values(connection, self.message_id, values)

    def _is_admitted(self, connection: Connection) -> bool:
        """Say whether it may be there: who has just left takes away at most."""
        people = [self.user_id]
        return not self.present or bool(writers(connection, self.room_id, people))
