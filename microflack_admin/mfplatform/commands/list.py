"""What the runtime knows of the parts and instances; the services that have one.

python -m mfplatform.commands.list

Prints the services that have an instance, one a line.
"""

import sys
from collections.abc import Mapping
from typing import Any

from mfplatform.runtime.base import ProcessState, Runtime
from mfplatform.state import instances
from mfplatform.state.home import Home
from mfplatform.state.parts import PartSpec

States = Mapping[str, ProcessState]
# What has died so often right after its start will do so again.
CRASH_LOOP_LIVES = 3
NOT_THERE = ProcessState(state="stopped", pid=None, since=None)


def described(known: States, name: str) -> dict[str, Any]:
    """Return name, state, pid and start of a part or an instance."""
    return {"name": name, **known.get(name, NOT_THERE)}


def crash_loop(found: Mapping[str, Any]) -> str | None:
    """Return what to say of something that dies again and again, if it does."""
    if found.get("short_lives", 0) < CRASH_LOOP_LIVES:
        return None
    return f"crash-looping, last: {found.get('last_end', 'unknown')}"


def _part(home: Home, known: States, spec: PartSpec) -> dict[str, Any]:
    # It has to work to be called running.
    found = described(known, spec.name)
    port = home.settings.get(spec.port)
    if found["state"] == "running" and not spec.probe(home):
        found["state"] = "no answer"
    if found["state"] != "running":
        found["state"] = crash_loop(found) or found["state"]
    note = spec.note(home) if found["state"] == "running" else ""
    return found | {"port": int(port) if port else None, "note": note or None}


def parts(home: Home, runtime: Runtime, known: States) -> list[dict[str, Any]]:
    """Describe all parts: name, state, pid, since (Unix seconds), port and note.

    :param known: what the runtime says of their states.
    """
    return [
        _part(home, known, spec) for spec in runtime.parts() if spec.is_wanted(home)
    ]


def running_instances(
    home: Home, runtime: Runtime, known: States
) -> list[dict[str, Any]]:
    """Describe all instances.

    ``image`` is the id of what it runs, ``settings`` are those that it alone was given;
    the others are service, name, version, runs_beside, address, state, pid and since.
    """
    return [
        described(known, one.name)
        | {
            "service": one.service,
            "version": one.version,
            "runs_beside": one.runs_beside,
            "image": one.image,
            "settings": dict(one.settings),
            "address": f"{runtime.host_of(one.name)}:{one.port}",
        }
        for one in instances.all_instances(home)
    ]


def main() -> int:
    """Print the services that have an instance."""
    found = instances.all_instances(Home.here())
    for service in dict.fromkeys(one.service for one in found):
        print(service)
    return 0


if __name__ == "__main__":
    sys.exit(main())
