"""The /api/rooms endpoints for who is in a room, and how they see it."""

from flask import Response, abort, jsonify

from microflack_common.auth import current_user_id, reader_auth, token_auth
from microflack_messages import membership, own_views, permissions, rooms
from microflack_messages.models import db
from microflack_messages.people import people
from microflack_messages.room_blueprint import FORBIDDEN, me, member_api
from microflack_messages.room_models import EVERYONE, MEMBER
from microflack_messages.room_schemas import MemberList, NotifyIn, ReadIn

ONE = "/members/<int:user_id>"


@member_api.get("/members")
@member_api.auth_required(reader_auth)
@member_api.output(MemberList)
def members(room_id: int) -> Response:
    """List who is in a room. For everybody who may read it."""
    permissions.require_access(room_id, current_user_id())
    if room_id == EVERYONE:
        return jsonify(members=_everybody())
    with db.engine.connect() as connection:
        found = membership.members_of(connection, room_id)
    return jsonify(members=[dict(row._mapping) for row in found])


@member_api.put(ONE)
@member_api.auth_required(token_auth)
@member_api.output({}, status_code=204)
@member_api.doc(responses=FORBIDDEN)
def add_member(room_id: int, user_id: int) -> tuple[str, int]:
    """Come into a public room, or add somebody to one that one is in."""
    asker = me()
    permissions.require_access(room_id, asker)
    _require_user(user_id, asker)
    rooms.add_member(room_id, user_id, asker)
    return "", 204


@member_api.delete(ONE)
@member_api.auth_required(token_auth)
@member_api.output({}, status_code=204)
@member_api.doc(responses=FORBIDDEN)
def remove_member(room_id: int, user_id: int) -> tuple[str, int]:
    """Leave a room, or remove somebody from one that one owns.

    When the last owner leaves, who has been in it longest owns it. A private room that
    everybody has left is deleted.
    """
    asker = me()
    permissions.require_access(room_id, asker)
    _require_user(user_id, asker)
    rooms.remove_member(room_id, user_id, asker)
    return "", 204


@member_api.put("/read")
@member_api.auth_required(token_auth)
@member_api.input(ReadIn)
@member_api.output({}, status_code=204)
@member_api.doc(responses=FORBIDDEN)
def read(room_id: int, json_data: dict[str, int]) -> tuple[str, int]:
    """Say up to which message one has read a room that one is in.

    It never goes back: a message before that one changes nothing.
    """
    own_views.read(room_id, me(), json_data["up_to"])
    return "", 204


@member_api.put("/notify")
@member_api.auth_required(token_auth)
@member_api.input(NotifyIn)
@member_api.output({}, status_code=204)
@member_api.doc(responses=FORBIDDEN)
def notify(room_id: int, json_data: dict[str, str]) -> tuple[str, int]:
    """Say of what one wants to be told in a room that one is in."""
    own_views.notify(room_id, me(), json_data["notify"])
    return "", 204


def _require_user(user_id: int, asker: int) -> None:
    if user_id != asker and people().find(user_id) is None:
        abort(404, f"There is no user {user_id}.")


def _everybody() -> list[dict[str, object]]:
    people().refresh()
    return [
        {"user_id": user_id, "role": MEMBER, "joined_at": person.since}
        for user_id, person in sorted(people().all().items())
        if not person.is_away
    ]
