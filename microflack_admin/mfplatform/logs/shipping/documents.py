"""A line as a document of Elasticsearch: what install/elk/template.json describes."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mfplatform.logs.choice import level_of
from mfplatform.logs.lines import parse_record
from mfplatform.logs.shipping.reading import Entry

# What is said in another way, here or by etcd.
TOLD_OTHERWISE = {"time", "ts", "msg"}


@dataclass(frozen=True)
class Origin:
    """Which platform's logs these are, and on which machine."""

    platform: str
    host: str


@dataclass(frozen=True)
class Document:
    """A document, and where it belongs.

    :param key: its id: the same however often the line is sent.
    :param day: the day that it was written, as in 2026.01.31, in UTC.
    """

    key: str
    day: str
    fields: dict[str, Any]


def of(entry: Entry, origin: Origin) -> Document:
    """Return a line as a document: a field for each of its record, if it is one."""
    record = parse_record(entry.text) if entry.text.startswith("{") else {}
    own = _own(entry, origin)
    fields = {
        f"record_{name}" if name in own else name: value
        for name, value in record.items()
        if name not in TOLD_OTHERWISE
    }
    message = record.get("message", record.get("msg", entry.text))
    fields["message"] = message if isinstance(message, str) else json.dumps(message)
    if level := level_of(entry.text):
        fields["level"] = level
    return Document(entry.key, _day(entry), own | fields)


def plain(entry: Entry, origin: Origin, reason: str) -> Document:
    """Return a line as a document that no mapping of fields gets in the way of.

    :param reason: why the other one was refused.
    """
    text = {"message": entry.text, "refused": reason}
    return Document(entry.key, _day(entry), _own(entry, origin) | text)


def _own(entry: Entry, origin: Origin) -> dict[str, Any]:
    moment = datetime.fromtimestamp(entry.end.time, UTC)
    return {
        "@timestamp": moment.isoformat(timespec="milliseconds"),
        "source": entry.source,
        "platform": origin.platform,
        "host": origin.host,
    }


def _day(entry: Entry) -> str:
    return datetime.fromtimestamp(entry.end.time, UTC).strftime("%Y.%m.%d")
