"""The audit log, for what the platform does by itself: lib/audit.bash has its lines."""

import json
import os
import time

from mfplatform.state.home import Home


def write(home: Home, command: str, by: str, outcome: str, **more: object) -> None:
    """Write what was done, as the command that a person would have called.

    :param more: further fields, such as the reason.
    :raises OSError: it cannot be written.
    """
    record = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "level": "info",
        "message": command,
        "by": f"{by} ({os.getuid()})",
        "outcome": outcome,
        **more,
    }
    file = home.logs / "audit.log"
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    with open(os.open(file, flags, 0o600), "a", encoding="utf-8") as log:
        log.write(json.dumps(record) + "\n")
