"""What is wanted, and what the caretaker did about it and why.

python -m mfplatform.commands.wanted [--json]
"""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from mfplatform.caretaker import store
from mfplatform.runtime import base
from mfplatform.state import care
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.wishes import Wish
from microflack_common.registry import Registry, RegistryError

Row = dict[str, Any]
SHOWN_ACTIONS = 20
NONE = (
    "There is no caretaker: what dies is started again, and nothing else. The first "
    "number that is wanted brings one: mfscale SERVICE N"
)


def rows(wishes: Mapping[str, Wish], instances: Sequence[Row]) -> list[Row]:
    """Describe what is wanted of each service, and how much of that gets requests."""
    found = []
    for service in sorted(wishes):
        routed = [one["routed"] for one in instances if one["service"] == service]
        ready = {"ready": routed.count("ready")}
        found.append({"service": service, **wishes[service].stored(), **ready})
    return found


def why(home: Home) -> Row:
    """Describe the caretaker, and what it did last; RegistryError if nobody knows."""
    actions = store.entries(Registry(home.etcd))
    return {"caretaker": care.mode(home) or care.OFF, "actions": actions}


def show(told: Row) -> str:
    """Return it for people, the newest last."""
    if told["caretaker"] == care.OFF:
        lines = [NONE]
    else:
        lines = [f"The caretaker is {told['caretaker']}."]
    for one in told["actions"][-SHOWN_ACTIONS:]:
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(one["at"]))
        lines.append(f"{at}  {one['command']}  ({one['outcome']})")
        lines.append(f"    {one['why']}")
        if one["problem"]:
            lines.append(f"    {one['problem']}")
    if not told["actions"]:
        lines.append("It has done nothing yet.")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Print it."""
    home = Home.here()
    try:
        base.running(home)
        told = why(home)
    except (PlatformError, RegistryError, OSError) as error:
        print(f"mfstatus: {error}", file=sys.stderr)
        return 1
    print(json.dumps(told, indent=2) if arguments == ["--json"] else show(told))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
