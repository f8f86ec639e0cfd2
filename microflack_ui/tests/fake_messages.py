"""Messages: writing and changing them, and the lists of a room."""

import time
from collections.abc import Iterable
from typing import Any

from fake_answers import Refused, answer
from fake_data import EVERYONE, PLAIN
from fake_files import FakeFiles
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Request, Response

LIST_LIMIT = 100
Data = dict[str, Any]
Message = dict[str, Any]


class FakeMessages(FakeFiles):
    """The endpoints of messages."""

    def _get_messages(self, request: Request, _data: Data) -> Response:
        room = int(request.args.get("room", EVERYONE))
        self._readable(request, room)
        here = [one for one in self.messages if one["room_id"] == room]
        if "after" in request.args and self.counts:
            return self._after(room, here, int(request.args["after"]))
        if "around" in request.args:
            return self._around(request, room, here)
        if "around_time" in request.args and self.release >= 11:
            since = int(request.args["around_time"])
            found = [one for one in here if one["created_at"] >= since]
            return self._list({"messages": list(map(self.shown, found[:1]))}, room)
        if "before_id" not in request.args:
            return self._changes(request, "messages", map(self.shown, here))
        before = int(request.args["before_id"])
        older = [message for message in here if message["id"] < before]
        page = older[-min(int(request.args["limit"]), self.longest_page) :]
        body: Data = {"messages": list(map(self.shown, page))}
        if len(page) < len(older):
            path = f"/api/messages?before_id={page[0]['id']}"
            body["_links"] = {"next": f"http://elsewhere.invalid{path}"}
        return self._list(body, room)

    def _around(self, request: Request, room: int, here: list[Message]) -> Response:
        if self.release < 11:
            raise Refused(400, "around: Unknown field.")
        wanted, half = int(request.args["around"]), int(request.args["limit"]) // 2
        places = [place for place, one in enumerate(here) if one["id"] == wanted]
        if not places:
            raise Refused(404)
        page = here[max(0, places[0] - half) : places[0] + half]
        return self._list({"messages": list(map(self.shown, page))}, room)

    def _after(self, room: int, here: list[Message], number: int) -> Response:
        if number > self.counters[room]:
            return self._list({"messages": []}, room)
        found = sorted(map(self.numbered, here), key=lambda one: one["change"])
        found = [message for message in found if message["change"] > number]
        if len(found) <= LIST_LIMIT:
            return self._list({"messages": found}, room)
        last = found[LIST_LIMIT - 1]["change"]
        query = f"after={last}" + (f"&room={room}" if room != EVERYONE else "")
        links = {"next": f"http://elsewhere.invalid/api/messages?{query}"}
        change = self.counters[room] if self.release >= 7 else last
        body = {"messages": found[:LIST_LIMIT], "change": change, "_links": links}
        return answer(body)

    def _list(self, body: Data, room: int = EVERYONE) -> Response:
        return answer(body | ({"change": self.counters[room]} if self.counts else {}))

    def _changes(self, request: Request, name: str, items: Iterable[Data]) -> Response:
        since = int(request.args.get("updated_since", 0))
        start = int(request.args.get("start", 0))
        limit = min(int(request.args.get("limit", LIST_LIMIT)), LIST_LIMIT)
        changed = [item for item in items if item["updated_at"] >= since]
        changed.sort(key=lambda item: (item["updated_at"], item["id"]))
        found: Data = {name: changed[start : start + limit]}
        if len(changed) > start + limit:
            query = f"updated_since={since}&start={start + limit}"
            found["_links"] = {"next": f"http://elsewhere.invalid/api/{name}?{query}"}
        return self._list(found)

    def _post_messages(self, request: Request, data: Data) -> Response:
        user_id, room = self._user_id(request), data.get("room_id") or EVERYONE
        key = (user_id, request.headers.get("Idempotency-Key", ""))
        message = self.keys.get(key) or self._post(request, user_id, room, data)
        if key[1]:
            self.keys[key] = message
        if self.lost_answers:
            self.lost_answers -= 1
            raise Refused(503, "The answer was lost.")
        if self.release >= 7:
            message = self.numbered(message) | {"idempotency_key": key[1]}
        return answer(self._as_of_release(message), 201)

    def _post(self, request: Request, user_id: int, room: int, data: Data) -> Message:
        found = self._readable(request, room)
        if not self.is_in(found, user_id):
            raise Refused(403, "Join the room first.")
        if found["archived"]:
            raise Refused(403, "This room is archived.")
        files = self.take_files(user_id, data.get("files", []))
        fields = {"reply_to": data.get("reply_to"), "files": files}
        return self.add_message(user_id, data["source"], room=room, **fields)

    def _message_of(self, request: Request, number: int) -> Message:
        if not 0 < number <= len(self.messages):
            raise NotFound
        message = self.messages[number - 1]
        self._readable(request, message["room_id"])
        return message

    def _get_message(self, request: Request, _data: Data, id: int) -> Response:
        return answer(self.shown(self._message_of(request, id)))

    def _put_message(self, request: Request, data: Data, id: int) -> Response:
        message = self._message_of(request, id)
        if message["user_id"] != self._user_id(request):
            raise Refused(403)
        if message["deleted"]:
            raise Refused(404)
        self.change_message(message, data["source"])
        return answer()

    def _delete_message(self, request: Request, _data: Data, id: int) -> Response:
        message, user_id = self._message_of(request, id), self._user_id(request)
        if user_id != message["user_id"] and not self.users[user_id - 1].get("admin"):
            raise Refused(403)
        self.delete_message(message)
        return answer()

    def delete_message(self, message: Message) -> None:
        """Leave the trace of a message."""
        with self.lock:
            message |= PLAIN | {"deleted": True, "source": "", "html": ""}
            message["updated_at"] = int(time.time())
            self._tell("Message", message)

    def _put_reaction(
        self, request: Request, _data: Data, id: int, emoji: str
    ) -> Response:
        if emoji.isascii():
            raise Refused(400, "emoji: Must be one emoji.")
        self.react(self._message_of(request, id), self._user_id(request), emoji)
        return answer()

    def _delete_reaction(
        self, request: Request, _data: Data, id: int, emoji: str
    ) -> Response:
        message, user_id = self._message_of(request, id), self._user_id(request)
        self.react(message, user_id, emoji, is_on=False)
        return answer()

    def react(
        self, message: Message, user_id: int, emoji: str, is_on: bool = True
    ) -> None:
        """Add somebody's reaction, or take it back."""
        with self.lock:
            by_emoji = {one["emoji"]: one["user_ids"] for one in message["reactions"]}
            others = [id for id in by_emoji.get(emoji, []) if id != user_id]
            by_emoji[emoji] = [*others, user_id] if is_on else others
            message["reactions"] = [
                {"emoji": one, "user_ids": ids} for one, ids in by_emoji.items() if ids
            ]
            self._tell("Message", message)

    def _get_search(self, request: Request, _data: Data) -> Response:
        user_id = self._user_id(request)
        words = request.args["q"].lower().split()
        before = int(request.args.get("before_id", len(self.messages) + 1))
        rooms = [
            room["id"]
            for room in self.rooms
            if room["kind"] == "public" or self.is_in(room, user_id)
        ]
        if "room" in request.args:
            rooms = [int(request.args["room"])]
        found = [
            one
            for one in reversed(self.messages)
            if one["room_id"] in rooms
            and one["id"] < before
            and all(word in one["source"].lower() for word in words)
        ]
        page = found[: int(request.args.get("limit", LIST_LIMIT))]
        body: Data = {"messages": list(map(self.shown, page))}
        if len(page) < len(found):
            query = f"q={'+'.join(words)}&before_id={page[-1]['id']}"
            path = f"/api/messages/search?{query}"
            body["_links"] = {"next": f"http://elsewhere.invalid{path}"}
        return answer(body)
