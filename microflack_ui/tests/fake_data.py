"""What the other services store, in memory, and the failures a test wants of them."""

import html
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fake_live import FakeLive

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
        # on every answer tells them.
        self.release = 7
        self.last_change = 0
        self.changes: dict[int, int] = {}
        # Told of every change and of every token that is no longer good.
        self.live: FakeLive | None = None

    def add_user(self, nickname: str, online: bool = True) -> int:
        """Store a user with the password ``open sesame`` and return the id."""
        with self.lock:
            now, number = int(time.time()), len(self.users) + 1
            user = {"id": number, "created_at": now, "updated_at": now}
            user |= {"last_seen_at": now, "nickname": nickname, "online": online}
            self.users.append(user | {"_links": {}})
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
        self, user_id: int, source: str, at: float | None = None, markup: str = ""
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
                "_links": {},
            }
            self.messages.append(message)
            self._tell("Message", message)
            return message

    def change_message(self, message: dict[str, Any], source: str) -> None:
        """Edit a stored message."""
        with self.lock:
            message |= {"source": source, "html": html.escape(source)}
            message["updated_at"] = int(time.time())
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

    def count_anew(self) -> None:
        """Give all messages numbers, from 1 on."""
        with self.lock:
            self.release = max(self.release, 5)
            self.changes = {one["id"]: one["id"] for one in self.messages}
            self.last_change = len(self.messages)

    def numbered(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return a message with the number of its last change."""
        room = {"room_id": 1} if self.release >= 7 else {}
        return message | room | {"change": self.changes[message["id"]]}

    def shown(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return a message as answers have it that are not about numbers."""
        return self.numbered(message) if self.release >= 7 else message

    def _tell(self, kind: str, model: dict[str, Any]) -> None:
        if kind == "Message" and self.counts:
            self.last_change += 1
            self.changes[model["id"]] = self.last_change
            model = self.numbered(model)
        if self.live:
            self.live.push(kind, model)
