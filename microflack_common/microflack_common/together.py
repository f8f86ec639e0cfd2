"""Ask once for all who want to know the same at the same time.

Many clients ask for the same list at once, and each would have its own turn to the
database. Here, whoever comes while others are asking waits for the next turn, which is
one for all who have come by then. A turn begins after everyone who is told its answer
has come, so nobody is told what was so before: a client that has written something
reads it.
"""

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")

# Seconds. A turn that takes longer holds up nobody: the next one begins beside it.
PATIENCE = 0.1


class _Turn:
    """One question, for all who wait for its answer."""

    __slots__ = ("answer", "before", "error", "running")

    def __init__(self, before: "_Turn | None") -> None:
        # A bare lock, held until there is an answer, costs less than an event.
        self.running = threading.Lock()
        self.running.acquire()
        self.before = before
        self.answer: Any = None
        self.error: Exception | None = RuntimeError("Interrupted while asking.")

    def wait(self, timeout: float = -1) -> None:
        if self.running.acquire(timeout=timeout):
            self.running.release()


class Together:
    """Questions that are asked in turns. It can be shared by threads.

    :param patience: seconds that a turn waits at most for the one before it.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._lock = threading.Lock()
        self._next: dict[Hashable, _Turn] = {}
        self._last: dict[Hashable, _Turn] = {}

    def ask(self, key: Hashable, question: Callable[[], T]) -> T:
        """Return what ``question`` returns that is called after this call began.

        It may be the question of another who asks with the same key. Raises what that
        question raises.

        :param key: what is asked; equal keys have the same answer at the same time.
        """
        with self._lock:
            turn = self._next.get(key)
            joins = turn is not None
            if turn is None:
                turn = self._next[key] = _Turn(self._last.get(key))
        if joins:
            turn.wait()
        else:
            self._take(turn, key, question)
        if turn.error is not None:
            raise turn.error
        return turn.answer  # type: ignore[no-any-return]

    def _take(self, turn: _Turn, key: Hashable, question: Callable[[], Any]) -> None:
        try:
            if turn.before is not None:
                turn.before.wait(self._patience)
                turn.before = None
            with self._lock:
                # Who comes from now on may have seen what this question does not.
                del self._next[key]
                self._last[key] = turn
            turn.answer, turn.error = question(), None
        except Exception as error:
            turn.error = error
        finally:
            with self._lock:
                for turns in (self._next, self._last):
                    if turns.get(key) is turn:
                        del turns[key]
            turn.running.release()
