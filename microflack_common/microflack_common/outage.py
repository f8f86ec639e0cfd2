"""While something is away: say so once, and try again, but not at once."""

import logging
import time
from collections.abc import Iterator
from random import uniform

Errors = type[Exception] | tuple[type[Exception], ...]

logger = logging.getLogger(__name__)


def backoff(first_seconds: float, longest_seconds: float) -> Iterator[float]:
    """Yield the seconds to wait before each further try, without an end.

    They double up to the longest. Each is shortened by up to a half, by chance: those
    who lost the same server do not come back to it at the same moment.
    """
    pause = first_seconds
    while True:
        yield uniform(pause / 2, pause)
        pause = min(pause * 2, longest_seconds)


class Outage:
    """Logs once that something has begun to fail, and once that it works again.

    :param failing: what to log at the beginning, such as "Redis is away, events wait".
    :param over: what to log at the end, such as "Redis is back".
    :param expected: errors whose text says enough; for any other the log shows where
        it was raised.
    """

    def __init__(self, failing: str, over: str, expected: Errors = Exception) -> None:
        self._failing = failing
        self._over = over
        self._expected = expected
        self._since: float | None = None

    @property
    def lasts(self) -> bool:
        """Say whether it has begun and has not ended."""
        return self._since is not None

    def begin(self, error: Exception) -> None:
        """Note a failure; the first one of an outage is logged."""
        if self._since is not None:
            return
        self._since = time.monotonic()
        # An error of the database goes on with the statement and its values.
        reason = f"{type(error).__name__}: {error}".partition("\n")[0]
        unexpected = None if isinstance(error, self._expected) else error
        logger.warning("%s: %s", self._failing, reason, exc_info=unexpected)

    def end(self) -> None:
        """Note a success; the first one after an outage is logged, with its length."""
        if self._since is not None:
            seconds = time.monotonic() - self._since
            self._since = None
            logger.info("%s after %.1f s", self._over, seconds)
