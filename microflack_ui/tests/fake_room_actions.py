"""What people do with rooms."""

from typing import Any

from fake_answers import Refused, answer
from fake_data import EVERYONE
from fake_rooms import FakeRooms, Room
from werkzeug.wrappers import Request, Response

Data = dict[str, Any]


class FakeRoomActions(FakeRooms):
    """The endpoints of one room, and of its members."""

    def _post_rooms(self, request: Request, data: Data) -> Response:
        user_id = self._user_id(request)
        members = [id for id in data.get("members", []) if id != user_id]
        if data["kind"] == "direct":
            if found := self._direct(user_id, *members):
                return answer(self._view(found, user_id))
            number = self.add_room("", user_id, *members, kind="direct")
        else:
            if not data["name"].strip():
                raise Refused(400, "name: Must have 1 to 80 characters.")
            number = self.add_room(data["name"], user_id, kind=data["kind"])
            self.change_room(number, topic=data.get("topic", ""))
        return answer(self._view(self.rooms[number - 1], user_id), 201)

    def _direct(self, *user_ids: int) -> Room | None:
        found = [
            room
            for room in self.rooms
            if room["kind"] == "direct" and set(room["members"]) == set(user_ids)
        ]
        return found[0] if found else None

    def _get_room(self, request: Request, _data: Data, id: int) -> Response:
        room = self._readable(request, id)
        return answer(self._view(room, self._user_id(request)))

    def _put_room(self, request: Request, data: Data, id: int) -> Response:
        room = self._owned(request, id)
        self.change_room(room["id"], **data)
        return answer()

    def _delete_room(self, request: Request, _data: Data, id: int) -> Response:
        room = self._owned(request, id)
        room["deleted"] = True
        for user_id in list(room["members"]):
            self.exit_room(id, user_id)
        return answer()

    def _owned(self, request: Request, id: int) -> Room:
        room, user_id = self._readable(request, id), self._user_id(request)
        is_admin = self.users[user_id - 1].get("admin") and room["kind"] == "public"
        if room["members"].get(user_id, {}).get("role") != "owner" and not is_admin:
            raise Refused(403, "Only its owner may do this.")
        return room

    def _get_members(self, request: Request, _data: Data, id: int) -> Response:
        room = self._readable(request, id)
        shown = ("role", "joined_at")
        members = [
            {"user_id": user_id} | {name: own[name] for name in shown}
            for user_id, own in room["members"].items()
        ]
        return answer({"members": members})

    def _put_member(
        self, request: Request, _data: Data, id: int, user_id: int
    ) -> Response:
        room, adder = self._readable(request, id), self._user_id(request)
        if room["kind"] == "direct" or (room["kind"] == "public" and adder != user_id):
            raise Refused(403, "Nobody is added here.")
        if user_id not in room["members"]:
            self.enter_room(id, user_id)
        return answer()

    def _delete_member(
        self, request: Request, _data: Data, id: int, user_id: int
    ) -> Response:
        room, remover = self._readable(request, id), self._user_id(request)
        own = room["members"].get(remover, {})
        if id == EVERYONE or (remover != user_id and own.get("role") != "owner"):
            raise Refused(403, "Only its owner may do this.")
        self.exit_room(id, user_id)
        return answer()

    def _put_read(self, request: Request, data: Data, id: int) -> Response:
        self._readable(request, id)
        self.read_room(id, self._user_id(request), data["up_to"])
        return answer()

    def _put_notify(self, request: Request, data: Data, id: int) -> Response:
        room, user_id = self._readable(request, id), self._user_id(request)
        self._own(room, user_id)["notify"] = data["notify"]
        self._tell_view(room, user_id)
        return answer()
