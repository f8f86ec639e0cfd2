"""What people do with rooms: make, change and delete them, come, go and read.

Each is one transaction, which locks the room where it decides something. Who may do it
is asked within it, so that nobody's right ends in between.
"""

from typing import Any

from flask import abort, current_app
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from microflack_common import database, limits
from microflack_messages import membership, permissions, room_events, transactions
from microflack_messages.membership import News
from microflack_messages.models import now
from microflack_messages.people import problem_with
from microflack_messages.permissions import Access
from microflack_messages.room_models import (
    DIRECT,
    EVERYONE,
    PRIVATE,
    Room,
    RoomMember,
)

NOT_YOURS = "Only the owner can do this, or of a public room an administrator."


def create(user_id: int, kind: str, name: str, topic: str, others: set[int]) -> int:
    """Make a room; return its id. Its maker owns it.

    Raises TooMany if the user makes too many.
    """
    limits.count("rooms", user_id)
    user_ids = [user_id, *sorted(others - {user_id})]
    values = {"kind": kind, "name": name, "topic": topic}
    return _create(values, user_ids)


def open_direct(user_id: int, others: set[int]) -> tuple[int, bool]:
    """Return the direct room of these people, and whether it is new.

    Raises TooMany if the user makes too many rooms.
    """
    in_order = sorted(others | {user_id})
    key = ",".join(map(str, in_order))
    found = _find_direct(key)
    if found is not None:
        return found, False
    limits.count("rooms", user_id)
    try:
        values = {"kind": DIRECT, "name": "", "direct_key": key}
        return _create(values, in_order), True
    except IntegrityError:
        # One of them has just done the same.
        found = _find_direct(key)
        if found is None:
            raise
        return found, False


def change(room_id: int, user_id: int, values: dict[str, Any]) -> None:
    """Give a room another name or topic, archive it or take that back."""

    def work(connection: Connection) -> bool:
        access = membership.lock_room(connection, room_id, user_id)
        if not permissions.may_manage_room(access, user_id):
            abort(403, NOT_YOURS)
        if room_id == EVERYONE and values.get("archived"):
            abort(403, "The room of everybody cannot be archived.")
        if not values or _has(connection, room_id, values):
            return False
        membership.change_room(connection, room_id, **values, updated_at=now())
        return True

    def is_stored(connection: Connection, changed: bool) -> bool:
        return changed and _has(connection, room_id, values)

    if transactions.run(work, is_stored):
        room_events.tell_all(room_id)


def remove(room_id: int, user_id: int) -> None:
    """Delete a room, and all that was said in it."""

    def work(connection: Connection) -> list[News]:
        access = membership.lock_room(connection, room_id, user_id)
        if not permissions.may_delete_room(access, user_id):
            abort(403, _why_not_deleted(access))
        return membership.delete_room(connection, room_id)

    def is_stored(connection: Connection, _news: list[News]) -> bool:
        return permissions.access_in(connection, room_id, user_id) is None

    room_events.tell(transactions.run(work, is_stored))


def add_member(room_id: int, new: int, user_id: int) -> None:
    """Put somebody into a room; or come in, if it is the same who asks."""

    def work(connection: Connection) -> list[News]:
        access = membership.lock_room(connection, room_id, user_id)
        if _is_in(connection, room_id, new):
            return []
        if not permissions.may_add_member(access, own=new == user_id):
            abort(403, _why_not_added(access))
        if access.archived:
            abort(403, permissions.ARCHIVED)
        if new != user_id and (problem := problem_with(new)):
            abort(403, problem)
        return membership.add(connection, room_id, access.kind, [new])

    def is_stored(connection: Connection, news: list[News]) -> bool:
        return bool(news) and _is_in(connection, room_id, new)

    news = transactions.run(work, is_stored)
    if news:
        room_events.tell(news)
        room_events.tell_all(room_id)


def remove_member(room_id: int, who: int, user_id: int) -> None:
    """Take somebody out of a room; or leave it, if it is the same who asks."""

    def work(connection: Connection) -> list[News]:
        access = membership.lock_room(connection, room_id, user_id)
        if not permissions.may_remove_member(access, own=who == user_id):
            abort(403, _why_not_removed(access))
        if not _is_in(connection, room_id, who):
            return []
        return membership.remove(connection, room_id, access.kind, who)

    def is_stored(connection: Connection, news: list[News]) -> bool:
        return bool(news) and not _is_in(connection, room_id, who)

    news = transactions.run(work, is_stored)
    if news:
        room_events.tell(news)
        room_events.tell_all(room_id)


def _create(values: dict[str, Any], user_ids: list[int]) -> int:
    values = values | {"created_at": now(), "updated_at": now()}

    def work(connection: Connection) -> tuple[int, list[News]]:
        query = insert(Room.__table__).values(values | {"last_change": 0})
        room_id: int = connection.execute(query).inserted_primary_key[0]  # type: ignore[index]
        return room_id, membership.add(connection, room_id, values["kind"], user_ids)

    def is_stored(connection: Connection, made: tuple[int, list[News]]) -> bool:
        # The id alone says nothing: another server may have given it to another room.
        of_it = _has(connection, made[0], values)
        return of_it and _is_in(connection, made[0], user_ids[0])

    room_id, news = transactions.run(work, is_stored)
    room_events.tell(news)
    return room_id


def _find_direct(key: str) -> int | None:
    query = select(Room.id).where(Room.direct_key == key)
    with database.autocommit(current_app).connect() as connection:
        return connection.scalar(query)


def _has(connection: Connection, room_id: int, values: dict[str, Any]) -> bool:
    columns = [getattr(Room, name) for name in values]
    query = select(*columns).where(Room.id == room_id)
    return connection.execute(query).one_or_none() == tuple(values.values())


def _is_in(connection: Connection, room_id: int, user_id: int) -> bool:
    if room_id == EVERYONE:
        return True
    query = select(RoomMember.role).filter_by(room_id=room_id, user_id=user_id)
    return connection.scalar(query) is not None


def _why_not_deleted(access: Access) -> str:
    if access.room_id == EVERYONE:
        return "The room of everybody cannot be deleted."
    if access.kind == DIRECT:
        return "Direct rooms are not deleted."
    if access.kind == PRIVATE:
        return "Only the owner can delete a private room."
    return "Only an administrator can delete a public room."


def _why_not_added(access: Access) -> str:
    if access.kind == DIRECT:
        return "Nobody comes into a direct room: open one with all of them."
    return "Join the room first."


def _why_not_removed(access: Access) -> str:
    if access.room_id == EVERYONE:
        return "Everybody is in this room, and nobody leaves it."
    if access.kind == DIRECT:
        return "Nobody leaves a direct room."
    return "Only the owner can remove others."
