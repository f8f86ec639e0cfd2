"""Write one JSON object a line to standard output.

Needs no Flask, which takes 8 MB: most parts of the platform answer no requests.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

# json.dumps would make one for each line.
ENCODER = json.JSONEncoder(default=str)
STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class LineFormatter(logging.Formatter):
    """Format records as JSON; what a caller passes in ``extra`` becomes a field."""

    def __init__(self, service: str, instance: str) -> None:
        super().__init__()
        self._source = {"service": service, "instance": instance}

    def about(self) -> dict[str, Any]:
        """Return further fields of the line that is written now."""
        return {}

    def format(self, record: logging.LogRecord) -> str:
        """Return ``record`` as one line of JSON."""
        moment = datetime.fromtimestamp(record.created, UTC)
        entry: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            **self._source,
            **self.about(),
        }
        entry["message"] = record.getMessage()
        entry |= {k: v for k, v in vars(record).items() if k not in STANDARD}
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return ENCODER.encode(entry)


class _StdoutHandler(logging.StreamHandler[TextIO]):
    """Write to whatever sys.stdout is now, as tests and daemons replace it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stdout


def configure(formatter: logging.Formatter, level: str = "INFO") -> None:
    """Send all logging of this process to standard output; calling it again is free."""
    root = logging.getLogger()
    if any(isinstance(handler, _StdoutHandler) for handler in root.handlers):
        return
    handler = _StdoutHandler()
    handler.setFormatter(formatter)
    root.addHandler(handler)
    root.setLevel(level)
    # One line for each outgoing connection is noise next to the access log.
    logging.getLogger("urllib3").setLevel("ERROR")
    # Whoever asks the registry says what it means that it is away.
    logging.getLogger("etcd").setLevel("CRITICAL")
    # Which migration plugins are loaded is of no use either.
    logging.getLogger("alembic").setLevel("WARNING")
    # The access line replaces the development server's own.
    logging.getLogger("werkzeug").setLevel("WARNING")
