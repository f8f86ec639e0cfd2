"""What the other services store, in memory, and the failures a test wants of them."""

import html
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fake_live import FakeLive

# The room that everybody is in.
EVERYONE = 1

# What people do with messages from release 11 on: nothing, at first.
PLAIN: dict[str, Any] = {
    "edited_at": None,
    "deleted": False,
    "reply_to": None,
    "mentions": [],
    "reactions": [],
    "files": [],
}

# Long enough for a machine that is busy with other things.
TIMEOUT_SECONDS = 60


class FakeData:
    """Users, messages and failures, in plain attributes."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        # While it is not set, POSTs wait for their answer.
        self.gate = threading.Event()
        self.gate.set()
        self.users: list[dict[str, Any]] = []
        self.passwords: dict[str, str] = {}
        self.messages: list[dict[str, Any]] = []
        # Long messages make a list end before its limit.
        self.longest_page = 1000
        self.keys: dict[tuple[int, str], dict[str, Any]] = {}
        self.tokens: list[str] = []
        self.revoked: set[str] = set()
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.failures: list[tuple[str, str, int, str, int]] = []
        # "open", or "members": reading needs a token, registering an invitation.
        self.access = "open"
        self.knows_sessions = True
        self.token_seconds = 3600
        self.sessions: list[dict[str, Any]] = []
        self.invitations: list[dict[str, Any]] = []
        # By code: whose password it sets.
        self.resets: dict[str, str] = {}
        self.lost_answers = 0
        # That of the messages service. Changes have numbers from release 5 on; from 7
        # on every answer tells them, and from 11 on there are rooms.
        self.release = 11
        # The last number of each room, and of each message.
        self.counters: dict[int, int] = {EVERYONE: 0}
        self.changes: dict[int, int] = {}
        self.rooms: list[dict[str, Any]] = []
        self.files: list[dict[str, Any]] = []
        # How much the messages service has.
        self.stored: dict[str, int] = {}
        # By who has blocked them.
        self.blocked: dict[int, list[int]] = {}
        self.knows_blocks = True
        # Of people: content and type.
        self.pictures: list[tuple[bytes, str]] = []
        # Told of every change and of every token that is no longer good.
        self.live: FakeLive | None = None

    def add_user(self, nickname: str, online: bool = True) -> int:
        """Store a user with the password ``open sesame`` and return the id."""
        with self.lock:
            now, number = int(time.time()), len(self.users) + 1
            user = {"id": number, "created_at": now, "updated_at": now}
            user |= {"last_seen_at": now, "nickname": nickname, "online": online}
            self.users.append(user | {"picture_url": None, "_links": {}})
            self.passwords[nickname] = "open sesame"
            self._tell("User", self.users[-1])
            return number

    def set_online(self, user_id: int, online: bool) -> None:
        """Change a user's presence."""
        self.change_user(user_id, online=online)

    def change_user(self, user_id: int, **fields: Any) -> None:
        """Change what is shown of a user."""
        with self.lock:
            user = self.users[user_id - 1]
            user |= fields | {"updated_at": int(time.time())}
            self._tell("User", user)

    def add_message(
        self,
        user_id: int,
        source: str,
        at: float | None = None,
        markup: str = "",
        room: int = EVERYONE,
        **fields: Any,
    ) -> dict[str, Any]:
        """Store a message; ``markup`` is its HTML when it is not just the text."""
        with self.lock:
            at = int(at or time.time())
            message = {
                "id": len(self.messages) + 1,
                "created_at": at,
                "updated_at": at,
                "source": source,
                "html": markup or html.escape(source),
                "user_id": user_id,
                "room_id": room,
                "_links": {},
            }
            message |= PLAIN | {"mentions": self.mentioned_in(source)} | fields
            self.messages.append(message)
            here = self.rooms[room - 1]
            here["last_message_at"] = max(at, here["last_message_at"] or 0)
            self._tell("Message", message)
            return message

    def change_message(self, message: dict[str, Any], source: str) -> None:
        """Edit a stored message."""
        with self.lock:
            message |= {"source": source, "html": html.escape(source)}
            message["mentions"] = self.mentioned_in(source)
            message["updated_at"] = message["edited_at"] = int(time.time())
            self._tell("Message", message)

    def fail(
        self,
        method: str,
        path: str,
        status: int,
        sentence: str = "Away",
        retry_after: int = 0,
    ) -> None:
        """Answer requests that begin like this with an error, until ``recover``."""
        self.failures.append((method, path, status, sentence, retry_after))

    def recover(self) -> None:
        """Answer everything again."""
        self.failures.clear()

    def lose_next_answer(self, count: int = 1) -> None:
        """Store what the next POSTs of a message bring, but answer them with 503."""
        self.lost_answers = count

    def revoke(self, token: str) -> None:
        """Refuse a token from now on."""
        self.revoked.add(token)
        if self.live:
            self.live.expire(token)

    @property
    def counts(self) -> bool:
        """Whether changes have numbers."""
        return self.release >= 5

    @property
    def last_change(self) -> int:
        """The last number of the room of everybody."""
        return self.counters[EVERYONE]

    @last_change.setter
    def last_change(self, number: int) -> None:
        self.counters[EVERYONE] = number

    def count_anew(self) -> None:
        """Give all messages numbers, from 1 on."""
        with self.lock:
            self.release = max(self.release, 5)
            self.changes = {one["id"]: one["id"] for one in self.messages}
            self.last_change = len(self.messages)

    def numbered(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return a message with the number of its last change."""
        change = self.changes[message["id"]]
        return self._as_of_release(message | {"change": change})

    def shown(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return a message as answers have it that are not about numbers."""
        if self.release < 7:
            return self._as_of_release(message)
        return self.numbered(message)

    def _as_of_release(self, message: dict[str, Any]) -> dict[str, Any]:
        unknown = set() if self.release >= 11 else set(PLAIN)
        unknown |= set() if self.release >= 7 else {"room_id"}
        return {name: value for name, value in message.items() if name not in unknown}

    def mentioned_in(self, source: str) -> list[int]:
        """Return the ids of those whose nickname stands after an @."""
        names = {f"@{user['nickname'].lower()}": user["id"] for user in self.users}
        return [id for name, id in names.items() if name in source.lower()]

    def _tell(self, kind: str, model: dict[str, Any]) -> None:
        room = model.get("room_id", EVERYONE)
        if kind == "Message" and self.counts:
            self.counters[room] += 1
            self.changes[model["id"]] = self.counters[room]
            model = self.numbered(model)
        if self.live:
            self.live.push(kind, model, self.hearers(room))

    def hearers(self, _room: int) -> set[int] | None:
        """Return who hears of a room; None for everybody."""
        return None
