"""One line of a log: when it was written, and how a person reads it."""

import json
import re
from dataclasses import dataclass
from datetime import datetime

# How the platform's parts begin a line; they write the local time.
TIME_FORMATS = (
    (
        re.compile(r"(\d{4}-\d\d-\d\d[ T]+\d?\d:\d\d:\d\d(?:\.\d+)?)"),
        "%Y-%m-%d %H:%M:%S",
    ),
    (re.compile(r"\d+:\w (\d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d+)"), "%d %b %Y %H:%M:%S"),
)
# Shown in front, or not at all since the line's source says it; etcd has other names.
LEADING_FIELDS = ("time", "ts", "level", "message", "msg", "service", "instance")
COLOUR_CODES = {"warning": "33", "error": "31", "critical": "31"}


@dataclass(frozen=True)
class Line:
    """What one source wrote, at a time in seconds."""

    time: float
    source: str
    text: str


def time_of(text: str) -> float | None:
    """Return when a line was written; None when it does not say."""
    if text.startswith("{"):
        return _record_time(parse_record(text))
    for pattern, time_format in TIME_FORMATS:
        if found := pattern.match(text):
            stamp, _, fraction = re.sub(r"[ T]+", " ", found[1]).partition(".")
            try:
                seconds = datetime.strptime(stamp, time_format).timestamp()
            except ValueError:
                return None
            return seconds + float(f"0.{fraction or 0}")
    return None


def _record_time(record: dict[str, object]) -> float | None:
    try:
        stamp = str(record.get("time", record.get("ts")))
        return datetime.fromisoformat(stamp).timestamp()
    except ValueError:
        return None


def parse_record(text: str) -> dict[str, object]:
    """Return the fields of a line that is a JSON object; none of any other."""
    try:
        record = json.loads(text)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def readable(text: str) -> str:
    """Return a line as people read it; what is no JSON object stays as it is.

    What a terminal would act on is escaped: a stranger's address may be part of it.
    """
    record = parse_record(text) if text.startswith("{") else {}
    message = record.get("message", record.get("msg"))
    if message is None:
        return _escape(text)
    shown = []
    if (stamp := _record_time(record)) is not None:
        clock = datetime.fromtimestamp(stamp)
        shown.append(clock.isoformat(" ", "milliseconds"))
    shown += [f"{record.get('level', ''):<7}", str(message)]
    shown += [
        f"{k}={_format_value(v)}" for k, v in record.items() if k not in LEADING_FIELDS
    ]
    return _escape(" ".join(shown))


def _escape(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c == "\t" else c.encode("unicode_escape").decode()
        for c in text
    )


def _format_value(value: object) -> str:
    if isinstance(value, str) and value and not re.search(r"[\s\"=]", value):
        return value
    return json.dumps(value, ensure_ascii=False)


def colour(text: str, line: str) -> str:
    """Colour what is shown of a line by its level."""
    record = parse_record(line) if line.startswith("{") else {}
    code = COLOUR_CODES.get(str(record.get("level", "")).lower())
    return f"\033[{code}m{text}\033[0m" if code else text
