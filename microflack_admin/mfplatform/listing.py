"""Print what the process runtime knows of its parts and instances, as JSON.

python -m mfplatform.listing [--names|--services]
"""

import http.client
import json
import sys
import xmlrpc.client
from typing import Any

from mfplatform import instances
from mfplatform.parts import PARTS, Part
from mfplatform.settings import Home
from mfplatform.supervisor import Supervisor

WORDS = {
    "RUNNING": "running",
    "STARTING": "starting",
    "BACKOFF": "starting",
    "EXITED": "starting",
    "STOPPING": "stopping",
}


def process(known: dict[str, Any], name: str) -> dict[str, Any]:
    """Return state, pid and start of a program."""
    found = known.get(name, {})
    state = WORDS.get(found.get("statename", ""), "stopped")
    alive = found.get("pid")
    return {
        "name": name,
        "state": state,
        "pid": alive or None,
        "since": found["start"] if alive else None,
    }


def part(home: Home, known: dict[str, Any], described: Part) -> dict[str, Any]:
    """Describe a part of the platform, which has to work to be called running."""
    found = process(known, described.name)
    port = home.settings.get(described.port)
    if found["state"] == "running" and not described.answers(home):
        found["state"] = "no answer"
    return found | {"port": int(port) if port else None}


def listing(home: Home) -> dict[str, Any]:
    """Describe all parts and instances."""
    known = Supervisor(home).all()
    return {
        "parts": [part(home, known, one) for one in PARTS],
        "instances": [
            process(known, one.name)
            | {
                "service": one.service,
                "version": one.version,
                "image": one.image,
                "settings": dict(one.settings),
                "address": f"{home.host}:{one.port}",
            }
            for one in instances.all_instances(home)
        ],
    }


def main() -> int:
    """Print the listing, or a part of it that a shell can use."""
    home = Home.here()
    if sys.argv[1:] in (["--names"], ["--services"]):
        found = instances.all_instances(home)
        by_name = sys.argv[1] == "--names"
        for word in dict.fromkeys(i.name if by_name else i.service for i in found):
            print(word)
        return 0
    try:
        print(json.dumps(listing(home)))
    except (OSError, http.client.HTTPException, xmlrpc.client.Error) as error:
        print(f"the supervisor does not answer: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
