"""Rooms: who is in them, and what each has read there."""

import hashlib
import json
import time
from typing import Any

from fake_answers import Refused, answer
from fake_blocks import FakeBlocks
from fake_data import EVERYONE
from werkzeug.wrappers import Request, Response

Room = dict[str, Any]
OPEN_FIELDS = (
    *("id", "created_at", "updated_at", "name", "topic", "kind", "archived"),
    "last_message_at",
)


class FakeRooms(FakeBlocks):
    """Release 11 of the messages service, as far as it is about rooms."""

    def __init__(self) -> None:
        super().__init__()
        self.add_room("Everyone")

    def add_room(self, name: str, *user_ids: int, kind: str = "public") -> int:
        """Make a room with these people in it, the first one as its owner."""
        now, number = int(time.time()), len(self.rooms) + 1
        room = {"id": number, "created_at": now, "updated_at": now, "name": name}
        room |= {"topic": "", "kind": kind, "archived": False, "last_message_at": None}
        self.rooms.append(room | {"members": {}, "deleted": False})
        self.counters.setdefault(number, 0)
        for user_id in user_ids:
            self.enter_room(number, user_id)
        # A conversation is called by those who are in it, all of them.
        for user_id in user_ids:
            self._tell_view(self.rooms[number - 1], user_id)
        return number

    def enter_room(self, id: int, user_id: int) -> None:
        """Put somebody into a room; unread begins at its end."""
        with self.lock:
            room = self.rooms[id - 1]
            is_first = not room["members"] and room["kind"] != "direct"
            own = {"role": "owner" if is_first else "member", "notify": "all"}
            own |= {"joined_at": int(time.time()), "read_up_to": self._newest(id)}
            room["members"][user_id] = own
            self._tell_view(room, user_id)
            self._tell_room(room)

    def exit_room(self, id: int, user_id: int) -> None:
        """Take somebody out of a room."""
        with self.lock:
            room = self.rooms[id - 1]
            room["members"].pop(user_id, None)
            if self.live:
                self.live.remove("Room", id, {user_id})
            self._tell_room(room)

    def change_room(self, id: int, **fields: Any) -> None:
        """Change what all who are in a room see of it."""
        with self.lock:
            room = self.rooms[id - 1]
            room |= fields | {"updated_at": int(time.time())}
            self._tell_room(room)

    def read_room(self, id: int, user_id: int, up_to: int) -> None:
        """Note how far somebody has read."""
        with self.lock:
            own = self._own(self.rooms[id - 1], user_id)
            if up_to > own["read_up_to"]:
                own["read_up_to"] = up_to
                self._tell_view(self.rooms[id - 1], user_id)

    def hearers(self, room: int) -> set[int] | None:
        """Return who hears of a room; None for everybody."""
        return None if room == EVERYONE else set(self.rooms[room - 1]["members"])

    def _tell_view(self, room: Room, user_id: int) -> None:
        if self.live:
            self.live.push("Room", self._view(room, user_id), {user_id})

    def _tell_room(self, room: Room) -> None:
        if self.live and room["id"] != EVERYONE:
            self.live.push("Room", self._view(room, 0), set(room["members"]))

    def _own(self, room: Room, user_id: int) -> dict[str, Any]:
        """Return somebody's own view; in the room of everybody it begins when asked."""
        if room["id"] == EVERYONE and user_id not in room["members"]:
            own = {"role": "member", "notify": "all", "joined_at": 0}
            room["members"][user_id] = own | {"read_up_to": self._newest(EVERYONE)}
        own = room["members"][user_id]
        assert isinstance(own, dict)
        return own

    def _newest(self, id: int) -> int:
        ids = [one["id"] for one in self.messages if one["room_id"] == id]
        return max(ids, default=0)

    def _view(self, room: Room, user_id: int) -> Room:
        """Return what somebody sees of a room; 0 is everybody."""
        found = {name: room[name] for name in OPEN_FIELDS}
        found |= {"change": self.counters[room["id"]], "_links": {}}
        found["members"] = len(room["members"])
        if not user_id or not self.is_in(room, user_id):
            return {k: v for k, v in found.items() if k != "last_message_at"}
        own = self._own(room, user_id)
        unread = [
            one
            for one in self.messages
            if one["room_id"] == room["id"]
            and one["id"] > own["read_up_to"]
            and one["user_id"] != user_id
            and not one["deleted"]
        ]
        mentions = sum(user_id in one["mentions"] for one in unread)
        found |= {k: v for k, v in own.items() if k != "joined_at"}
        found |= {"unread": len(unread), "mentions": mentions}
        if room["kind"] == "direct":
            others = [self.users[id - 1] for id in room["members"] if id != user_id]
            found["name"] = ", ".join(user["nickname"] for user in others)
        return found

    def is_in(self, room: Room, user_id: int) -> bool:
        """Say whether somebody is in a room."""
        return room["id"] == EVERYONE or user_id in room["members"]

    def _readable(self, request: Request, id: int) -> Room:
        user_id = self._reader(request)
        if self.release < 11 and id != EVERYONE:
            raise Refused(404)
        room = self.rooms[id - 1] if 0 < id <= len(self.rooms) else {"deleted": True}
        if room["deleted"] or not (
            room["kind"] == "public" or self.is_in(room, user_id)
        ):
            raise Refused(404)
        return room

    def _get_rooms(self, request: Request, _data: dict[str, Any]) -> Response:
        if self.release < 11:
            raise Refused(404)
        user_id = self._user_id(request)
        rooms = [
            self._view(room, user_id)
            for room in self.rooms
            if not room["deleted"]
            and (room["kind"] == "public" or self.is_in(room, user_id))
        ]
        digest = hashlib.sha256(json.dumps(rooms).encode()).hexdigest()
        if request.if_none_match.contains(digest):
            return Response(status=304)
        response = answer({"rooms": rooms})
        response.set_etag(digest)
        return response
