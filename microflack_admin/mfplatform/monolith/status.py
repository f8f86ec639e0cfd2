"""Show the monolith and the services in it.

python -m mfplatform.monolith.status [--json]
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from mfplatform.commands.status import HEALTH, table
from mfplatform.monolith import probe, process, services
from mfplatform.moving import unfinished
from mfplatform.state import last_backup, membership, nightly
from mfplatform.state.home import Home, PlatformError

COLUMNS = ("service", "instance", "version", "address", "health", "routed", "since")


def status(home: Home) -> dict[str, Any]:
    """Return what there is to say, in the form that a platform's status has.

    :raises PlatformError: it does not run.
    """
    process.check_running(home)
    found = process.read(home)
    if found is None:
        raise PlatformError(process.IN_USE.format(folder=process.folder(home)))
    settings = home.settings
    address = home.balancer.removeprefix("http://")
    found_health = HEALTH.get(probe.status(home), "no answer")
    instances = [
        {
            "service": one.name,
            "instance": process.RUNTIME,
            "version": one.version,
            "address": address,
            "health": found_health,
            "routed": "ready" if found_health == "ready" else "no",
            "since": found.since,
            "pid": found.server,
        }
        for one in services.in_checkout(settings.get("MF_WITHOUT", ""))
    ]
    return {
        "running": True,
        "runtime": process.RUNTIME,
        "url": f"{home.url}/",
        "access": membership.access(settings),
        "limits": settings.get("MF_LIMITS", "on"),
        "home": str(home.path.resolve()),
        "problem": None
        if process.is_kept(home)
        else "its keeper has died: mfup --monolith",
        "moves": unfinished.waited_for(home),
        "memory_mb": memory_mb(found.server),
        "backup": last_backup.read(home),
        "nightly": nightly.described(home),
        "parts": [],
        "instances": sorted(instances, key=lambda one: str(one["service"])),
    }


def memory_mb(server: int) -> int:
    """Return what a server's processes hold, in MB; what they share counts once."""
    pids = [server]
    for pid in pids:
        children = Path(f"/proc/{pid}/task/{pid}/children")
        if children.exists():
            pids += map(int, children.read_text().split())
    return sum(map(_proportional_kb, pids)) // 1024


def _proportional_kb(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss: +(\d+)", text, re.MULTILINE)
    return int(found[1]) if found else 0


def show(found: dict[str, Any]) -> str:
    """Return the status for people."""
    told = f"monolith, access: {found['access']}, {found['memory_mb']} MB"
    head = f"MicroFlack at {found['url']}  ({told})"
    if found["limits"] == "off":
        head += "\nLimits are off: nobody is refused for asking too much."
    for said in filter(None, [found["problem"], *found["moves"]]):
        head += f"\n{said}"
    if backup := last_backup.sentence(found["backup"]):
        head += f"\n{backup}"
    for said in nightly.sentences(found["nightly"]):
        head += f"\n{said}"
    return f"{head}\n\n{table(found['instances'], COLUMNS)}"


def main(arguments: list[str]) -> int:
    """Print the status."""
    home, as_json = Home.here(), arguments == ["--json"]
    try:
        found = status(home)
    except (PlatformError, OSError) as error:
        if as_json:
            print('{"running": false}')
        print(f"mfstatus: {error}", file=sys.stderr)
        return 1
    print(json.dumps(found, indent=2) if as_json else show(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
