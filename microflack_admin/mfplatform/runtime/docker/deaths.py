"""How often a container has died right after its start, as the engine tells it.

The engine starts again what dies, after 0.1 s, 0.2 s and so on up to a minute; after a
life of ten seconds it begins with 0.1 s. It counts all starts again, also those.
Source: "Start containers automatically" in Docker's manual, Moby's restartmanager.
"""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mfplatform.runtime.base import EarlyDeaths
from mfplatform.runtime.docker import engine

# As long as the engine has it.
LONG_LIFE_SECONDS = 10
UNKNOWN = "unknown"
# What the engine remembers of what has happened is shorter.
REMEMBERED = "30m"


def of(found: Mapping[str, Any], now: float | None = None) -> EarlyDeaths:
    """Return it of a container that was inspected.

    ``last_end`` is UNKNOWN while it lives again: the engine tells the status of that
    life, which is none.

    :param now: Unix seconds.
    """
    count, state = found.get("RestartCount", 0), found["State"]
    if not count or _length(state, now or time.time()) >= LONG_LIFE_SECONDS:
        return {"short_lives": 0}
    return {"short_lives": count, "last_end": UNKNOWN if state["Pid"] else _end(state)}


def _length(state: Mapping[str, Any], now: float) -> float:
    """Return how long it lives, or has lived when it ended."""
    until = now if state["Pid"] else seconds(state["FinishedAt"])
    return until - seconds(state["StartedAt"])


def _end(state: Mapping[str, Any]) -> str:
    if state.get("OOMKilled"):
        return "out of memory"
    return str(state.get("Error") or "") or f"exit status {state['ExitCode']}"


def complete(states: Mapping[str, EarlyDeaths], ids: Mapping[str, str]) -> None:
    """Put in how those ended that live again, as far as the engine remembers it.

    :param ids: of all containers, by their names.
    """
    asked = {ids[name]: one for name, one in states.items() if _is_unknown(one)}
    if not asked:
        return
    words = ["events", "--since", REMEMBERED, "--until", "0s", "--format", "{{json .}}"]
    words += [word for each in asked for word in ("--filter", f"container={each}")]
    for line in engine.docker(*words, "--filter", "event=die").splitlines():
        actor = json.loads(line)["Actor"]
        status = actor["Attributes"].get("exitCode", UNKNOWN)
        asked[actor["ID"]]["last_end"] = f"exit status {status}"


def _is_unknown(found: EarlyDeaths) -> bool:
    return found.get("last_end") == UNKNOWN


def seconds(stamp: str) -> float:
    """Return a time of the engine in Unix seconds: of what never was, the year 1."""
    # It writes nine digits of a second, Python reads six.
    return datetime.fromisoformat(stamp[:19]).replace(tzinfo=UTC).timestamp()
