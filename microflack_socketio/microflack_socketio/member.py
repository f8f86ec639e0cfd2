"""What is known of one user with connections here: the rooms that these hear."""

import threading

# Who has no good token. Such connections hear what is public.
ANYBODY = None
# The room that everybody is in.
EVERYONE = 1
# Told by different instances, that somebody left and that they came back may arrive in
# either order. So long after the former the latter is not believed, but asked for.
DOUBT_SECONDS = 30.0


class Member:
    """The rooms of a user, as far as they are known.

    :param version: another number each time when they are to be asked for anew.
    """

    def __init__(self, version: int) -> None:
        self.version = version
        # The tokens of the user's connections, by their ids; used last, comes last.
        self.tokens: dict[str, str | None] = {}
        self.rooms = {EVERYONE}
        self.known = threading.Event()
        # Connections that wait until the rooms are known, and those that have waited.
        self.waiting: set[str] = set()
        self.waited: set[str] = set()
        # Whether an answer is to come.
        self.is_asked = False
        self._news: dict[int, bool] = {}
        self._left: dict[int, float] = {}

    def use(self, sid: str, token: str | None) -> None:
        """Note the token that a connection used last."""
        self.tokens.pop(sid, None)
        self.tokens[sid] = token

    def forget(self, sid: str) -> None:
        """Forget a connection."""
        self.tokens.pop(sid, None)
        self.waiting.discard(sid)
        self.waited.discard(sid)

    def restart(self, version: int) -> None:
        """Have the rooms unknown until an answer to a question from now on."""
        self.version = version
        self.is_asked = False
        self.known.clear()

    def begin(self) -> str | None:
        """Return the token to ask with. What is told meanwhile is newer."""
        self._news.clear()
        return next(reversed(self.tokens.values()))

    def note(self, room_id: int, is_in: bool, now: float) -> bool:
        """Note what the user was told; False if it cannot be believed.

        :param now: in seconds, of a clock that never goes back.
        """
        if is_in and now - self._left.get(room_id, -DOUBT_SECONDS) < DOUBT_SECONDS:
            return False
        self._news[room_id] = is_in
        if not is_in:
            self._left = {
                one: at for one, at in self._left.items() if now - at < DOUBT_SECONDS
            }
            self._left[room_id] = now
        return True

    def settle(self, answered: set[int]) -> set[int]:
        """Return the rooms by an answer, and by what was told since the question."""
        self.is_asked = False
        self.known.set()
        came = {room_id for room_id, is_in in self._news.items() if is_in}
        went = self._news.keys() - came
        return (answered | {EVERYONE} | came) - went
