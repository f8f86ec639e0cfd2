"""Print what the runtime knows of its parts and instances, as JSON.

python -m mfplatform.commands.list [--names|--services]
"""

import http.client
import json
import sys
import xmlrpc.client
from typing import Any

from mfplatform.runtime import base
from mfplatform.runtime.base import Part
from mfplatform.state import instances
from mfplatform.state.home import Home, PlatformError

NOT_THERE = {"state": "stopped", "pid": None, "since": None}


def described(known: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
    """Return name, state, pid and start of a part or an instance."""
    return {"name": name} | known.get(name, NOT_THERE)


def part(home: Home, known: dict[str, Any], one: Part) -> dict[str, Any]:
    """Describe a part of the platform, which has to work to be called running."""
    found = described(known, one.name)
    port = home.settings.get(one.port)
    if found["state"] == "running" and not one.answers(home):
        found["state"] = "no answer"
    return found | {"port": int(port) if port else None}


def listing(home: Home) -> dict[str, Any]:
    """Describe all parts and instances."""
    keeper = base.of(home)
    known = keeper.states()
    return {
        "parts": [part(home, known, one) for one in keeper.parts()],
        "instances": [
            described(known, one.name)
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
    except PlatformError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
