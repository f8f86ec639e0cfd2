"""The /api/rooms endpoints."""

from typing import Any

from flask import Response, abort, jsonify, url_for

from microflack_common.auth import current_user_id, reader_auth, token_auth
from microflack_common.snapshot import snapshot
from microflack_messages import own_views, permissions, room_list, room_views, rooms
from microflack_messages.models import db
from microflack_messages.people import people, problem_with
from microflack_messages.room_blueprint import FORBIDDEN, ID, me, room_api
from microflack_messages.room_models import DIRECT, EVERYONE
from microflack_messages.room_schemas import (
    MAX_DIRECT_MEMBERS,
    RoomIn,
    RoomList,
    RoomOut,
    RoomPatch,
    RoomPlace,
)

THERE_BEFORE = {
    "description": "The direct room that these people have",
    "content": {
        "application/json": {"schema": {"$ref": "#/components/schemas/RoomOut"}}
    },
}


@room_api.post("")
@room_api.auth_required(token_auth)
@room_api.input(RoomIn)
@room_api.output(RoomOut, status_code=201, headers=RoomPlace)
@room_api.doc(responses={200: THERE_BEFORE})
def create(json_data: dict[str, Any]) -> Response:
    """Make a room, which one owns; or open the direct room of 2 to 8 people.

    For every user. Those who have that direct room already are answered with it.
    """
    user_id = me()
    others = _others(user_id, json_data["members"])
    if json_data["kind"] == DIRECT:
        if not 1 <= len(others) < MAX_DIRECT_MEMBERS:
            abort(400, f"members: Must be 1 to {MAX_DIRECT_MEMBERS - 1} others.")
        room_id, is_new = rooms.open_direct(user_id, others)
    else:
        own = {name: json_data[name] for name in ("kind", "name", "topic")}
        room_id, is_new = rooms.create(user_id, others=others, **own), True
    response = _show(room_id, user_id)
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = url_for("rooms.show", room_id=room_id)
    return response


@room_api.get("")
@room_api.auth_required(reader_auth)
@room_api.output(RoomList)
@room_api.doc(responses={304: "The list that the client has"})
def index() -> Response:
    """List the rooms that one is in, and the public ones. For everybody who may read.

    It tells the last number of each, and how much is unread. Whoever has a list sends
    its `ETag` in `If-None-Match`, and is answered 304 if it is still the same.
    """
    return room_list.respond(current_user_id())


@room_api.get(ID)
@room_api.auth_required(reader_auth)
@room_api.output(RoomOut)
def show(room_id: int) -> Response:
    """Return one room. For everybody who may read it."""
    permissions.require_access(room_id, current_user_id())
    return _show(room_id, current_user_id())


@room_api.put(ID)
@room_api.auth_required(token_auth)
@room_api.input(RoomPatch)
@room_api.output({}, status_code=204)
@room_api.doc(responses=FORBIDDEN)
def change(room_id: int, json_data: dict[str, Any]) -> tuple[str, int]:
    """Give a room another name or topic, archive it, or take that back.

    For its owner; of a public room for administrators, too.
    """
    rooms.change(room_id, me(), json_data)
    return "", 204


@room_api.delete(ID)
@room_api.auth_required(token_auth)
@room_api.output({}, status_code=204)
@room_api.doc(responses=FORBIDDEN)
def delete(room_id: int) -> tuple[str, int]:
    """Delete a room with all that was said in it.

    A private one: for its owner. A public one: for administrators.
    """
    rooms.remove(room_id, me())
    return "", 204


def _others(user_id: int, members: list[int]) -> set[int]:
    """Return who is to be in a room with somebody; end the request for who cannot."""
    others = set(members) - {user_id}
    if others:
        people().refresh()
    for one in sorted(others):
        if problem := problem_with(one):
            abort(400, f"members: {problem}")
    if others:
        # Others see the name at once of who may have come just now.
        people().find(user_id)
    return others


def _show(room_id: int, user_id: int | None) -> Response:
    people().refresh()
    if user_id and room_id == EVERYONE:
        own_views.begin(user_id)
    with snapshot(db.engine) as connection:
        own = room_views.of_members(connection, room_id, [user_id]) if user_id else {}
        if user_id in own:
            return jsonify(own[user_id])
        return jsonify(room_views.of_all(connection, room_id))
