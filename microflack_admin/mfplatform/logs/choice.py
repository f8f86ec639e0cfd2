"""Choose lines of logs: since when, how bad, of which request."""

import re
import time
from datetime import datetime

from mfplatform.logs.lines import Line, parse_record, time_of

LEVELS = ("debug", "info", "warning", "error", "critical")
# What parts of the platform call them.
OTHER_NAMES = {
    "debg": "debug",
    "note": "info",
    "notice": "info",
    "warn": "warning",
    "crit": "critical",
    "alert": "critical",
    "emerg": "critical",
    "fatal": "critical",
    "panic": "critical",
}
# HAProxy and MariaDB write "[NOTICE]"; supervisor a word after the time; Redis a "#"
# for a warning.
WRITTEN = re.compile(
    r"\[(?P<bracket>[A-Za-z]+)\]|^[\d: ,-]+(?P<word>[A-Z]{4,8})\b"
    r"|^\d+:\w [^#*]*(?P<sign>#) "
)
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
AGO = re.compile(r"(\d{1,9})([smhd])")


def since(text: str, now: float) -> float:
    """Return the moment that somebody means, in Unix seconds.

    :raises ValueError: it is neither a span of time nor a moment.
    """
    if found := AGO.fullmatch(text):
        return now - int(found[1]) * UNITS[found[2]]
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        raise ValueError(
            f"--since takes a span such as 30s, 10m, 2h or 7d, or a time such as "
            f"2026-01-31 or '2026-01-31 12:00', not '{text}'"
        ) from None


def level_of(text: str) -> str | None:
    """Return the level of a line; None when it does not say."""
    if text.startswith("{"):
        name = str(parse_record(text).get("level", ""))
    else:
        found = WRITTEN.search(text)
        name = (found["bracket"] or found["word"] or "warning") if found else ""
    name = name.lower()
    name = OTHER_NAMES.get(name, name)
    return name if name in LEVELS else None


class Choice:
    """Says of each line whether it was asked for.

    A line that tells neither time nor level, as those of a traceback, goes with the one
    before it.

    :param begin: Unix seconds: no line from before.
    :param level: the least level; None: any, also none.
    :param request: the beginning of the request's id; "" for any.
    """

    def __init__(
        self, begin: float = 0.0, level: str | None = None, request: str = ""
    ) -> None:
        self._begin, self._request = begin, request
        self._levels = LEVELS[LEVELS.index(level) :] if level else None
        self._last: dict[str, bool] = {}

    def __call__(self, line: Line) -> bool:
        """Tell whether a line is wanted. Those of a source come in their order."""
        level = level_of(line.text)
        if level is None and time_of(line.text) is None and line.source in self._last:
            return self._last[line.source]
        is_wanted = (
            line.time >= self._begin
            and (self._levels is None or level in self._levels)
            and self._is_of_request(line.text)
        )
        self._last[line.source] = is_wanted
        return is_wanted

    def _is_of_request(self, text: str) -> bool:
        if not self._request or not text.startswith("{"):
            return self._request in text
        return str(parse_record(text).get("request_id", "")).startswith(self._request)


def read(since_text: str | None, level: str | None, request: str | None) -> Choice:
    """Return the choice that a command line means; ValueError if it means none."""
    begin = since(since_text, time.time()) if since_text is not None else 0.0
    if level is not None and level not in LEVELS:
        raise ValueError(f"--level takes one of {', '.join(LEVELS)}, not '{level}'")
    return Choice(begin, level, request or "")
