"""Whom a message mentions, by the nicknames that are known in this instance.

A post asks no other service, unless it names somebody who is not known yet.
"""

import json
from collections.abc import Callable, Collection

from flask import Flask, current_app
from sqlalchemy import bindparam, select

from microflack_common import database
from microflack_messages import mentions
from microflack_messages.models import EVERYONE, RoomMember
from microflack_messages.people import people

# How old names may be among which one is missing: that of somebody who came just now?
MAX_AGE_SECONDS = 0.1
# What a text that mentions nobody has in its place.
NOBODY = "[]"
_MEMBERS = select(RoomMember.user_id).where(
    RoomMember.room_id == bindparam("room_id"),
    RoomMember.user_id.in_(bindparam("user_ids", expanding=True)),
)


class Nicknames:
    """Finds users by their nicknames. It can be shared by threads."""

    def __init__(self) -> None:
        # What names all who are known, and their ids by what is compared.
        self._ids: tuple[str, dict[str, int]] = ("", {})

    def lookup(self) -> Callable[[str], int | None]:
        """Return what returns a user's id, or None for a name that nobody has."""
        digest = people().digest()
        before, ids = self._ids
        if digest != before:
            everybody = people().all().items()
            ids = {mentions.key_of(one.nickname): user_id for user_id, one in everybody}
            self._ids = digest, ids
        return ids.get


def init_app(app: Flask) -> None:
    """Let ``app`` find people by their nicknames."""
    app.extensions["microflack_nicknames"] = Nicknames()


def mentioned(text: str, room_id: int) -> str:
    """Return the ids of the members of a room whom a text mentions, as JSON."""
    if not mentions.has_any(text):
        return NOBODY
    nicknames: Nicknames = current_app.extensions["microflack_nicknames"]
    places = mentions.candidates(text, nicknames.lookup())
    if not all(places):
        people().refresh(MAX_AGE_SECONDS)
        places = mentions.candidates(text, nicknames.lookup())
    named = {user_id for place in places for user_id in place}
    members = _members(room_id, named)
    return json.dumps(mentions.choose(places, members), separators=(",", ":"))


def _members(room_id: int, user_ids: Collection[int]) -> Collection[int]:
    if room_id == EVERYONE or not user_ids:
        return user_ids
    values = {"room_id": room_id, "user_ids": list(user_ids)}
    with database.autocommit(current_app).connect() as connection:
        return set(connection.scalars(_MEMBERS, values))
