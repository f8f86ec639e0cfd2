"""The blueprints of /api/rooms, and what their endpoints have in common."""

from apiflask import APIBlueprint

from microflack_common.auth import current_user_id

PREFIX, ID = "/api/rooms", "/<int:room_id>"
room_api = APIBlueprint("rooms", __name__, url_prefix=PREFIX, tag="rooms")
#: How somebody is in one room.
member_api = APIBlueprint("members", __name__, url_prefix=PREFIX + ID, tag="members")
FORBIDDEN = {403: "One may see it, but not do this"}


def me() -> int:
    """Return who asks, where a token is needed."""
    user_id = current_user_id()
    if user_id is None:
        raise RuntimeError("This is for endpoints that need a token.")
    return user_id
