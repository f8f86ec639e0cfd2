"""Show the platform: what the runtime knows of it, and what the registry says.

python -m mfplatform.commands.status [--json]
"""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

from mfplatform.commands import list as listing
from mfplatform.commands import wanted
from mfplatform.logs.shipping import progress
from mfplatform.logs.shipping.destination import LOGS_TO
from mfplatform.moving import unfinished
from mfplatform.runtime import base
from mfplatform.runtime.base import Runtime
from mfplatform.secrets_store import store
from mfplatform.state import (
    colours,
    disk,
    last_backup,
    lb_state,
    measured_disk,
    membership,
    nightly,
    status_page,
    tls,
    traces,
    wishes,
)
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.probes import http_status
from microflack_common.registry import Registry, RegistryError

Row = dict[str, Any]
COLOURS = {
    "running": colours.GREEN,
    "ready": colours.GREEN,
    "starting": colours.YELLOW,
    "stopping": colours.YELLOW,
    "draining": colours.YELLOW,
    "not ready": colours.YELLOW,
    "no answer": colours.RED,
    "stopped": colours.RED,
    "down": colours.RED,
}
HEALTH = {200: "ready", 503: "not ready", None: "no answer"}


def health(address: str) -> str:
    """Return what an instance says about itself."""
    # A server that is not one of ours need not know /readyz.
    return HEALTH.get(http_status(address, "/readyz"), "answers")


def foreign(values: dict[str, str], known: Sequence[str]) -> Iterator[Row]:
    """Return the instances in the registry that this platform did not start."""
    for key, value in sorted(values.items()):
        parts = key.strip("/").split("/")
        if len(parts) == 4 and parts[2] == "upstream" and parts[3] not in known:
            address = value.split()[0] if value.split() else ""
            yield {
                "service": parts[1],
                "name": parts[3],
                "version": None,
                "address": address,
                "pid": None,
                "since": None,
            }


def complete(home: Home, runtime: Runtime) -> dict[str, Any]:
    """Return all that there is to tell."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        # It takes its time.
        used = pool.submit(measured_disk.usage, home, runtime.images_bytes)
        found = seen(home, runtime)
    return {
        "running": True,
        "runtime": home.runtime,
        "url": f"{home.url}/",
        "access": membership.access(home.settings),
        "operator": f"{home.operator}/stats",
        "page": f"{home.operator}/status" if status_page.is_wanted(home) else None,
        "limits": home.settings.get("MF_LIMITS", "on"),
        "home": str(home.path.resolve()),
        "moves": unfinished.sentences(home),
        "certificate": certificate(home),
        "disk": asdict(used.result()) | {"warning": used.result().warning},
        "secrets_store": store.state(home),
        "backup": last_backup.read(home),
        "nightly": nightly.described(home),
        "logs_to": progress.read(home.logs) if home.settings.get(LOGS_TO) else None,
        "traces": traces.told(home.settings),
        **found,
    }


def seen(home: Home, runtime: Runtime) -> dict[str, Any]:
    """Add health, routes and foreign instances to what the runtime knows.

    That much can be asked for every other second.
    """
    known = runtime.states()
    own: list[Row] = listing.running_instances(home, runtime, known)
    registry = Registry(home.etcd)
    problem = None
    try:
        values = registry.tree("/services").values
        balancer, _ = lb_state.read(registry)
        wished = wishes.read_all(registry)
    except RegistryError as error:
        values, balancer, problem = {}, lb_state.LBState({}), str(error)
        wished = {}
    rows = [*own, *foreign(values, [one["name"] for one in own])]
    with ThreadPoolExecutor(max_workers=16) as pool:
        healths = list(pool.map(lambda one: health(one["address"]), rows))
    instances = [
        _row(row, found, balancer) for row, found in zip(rows, healths, strict=True)
    ]
    return {
        "problem": problem,
        "parts": listing.parts(home, runtime, known),
        "instances": sorted(instances, key=lambda one: one["service"]),
        "wanted": wanted.rows(wished, instances),
    }


def certificate(home: Home) -> Row | None:
    """Describe the certificate; None without TLS."""
    if not tls.is_on(home):
        return None
    # What reads certificates is installed where there are any.
    from mfplatform.certificates import status

    return status.status(home)


def _row(row: Row, found: str, balancer: lb_state.LBState) -> Row:
    state = balancer.state(row["service"], row["name"])
    if found != "ready":
        found = listing.crash_loop(row) or found
    return {
        "service": row["service"],
        "instance": row["name"],
        "version": row["version"],
        "address": row["address"],
        "health": found,
        "routed": state or "no",
        "since": row["since"],
        "pid": row["pid"],
        "restarts": row.get("restarts"),
    }


def table(
    rows: Sequence[Row],
    columns: Sequence[str],
    paint: Callable[[str], str] = lambda cell: cell,
) -> str:
    """Lay rows out under headings.

    :param paint: what is done with each cell once it is as wide as its column.
    """
    cells = [[column.upper() for column in columns]]
    cells += [[_text(column, row[column]) for column in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = (list(map(str.ljust, line, widths)) for line in cells)
    return "\n".join("  ".join(map(paint, line)).rstrip() for line in lines)


def coloured(cell: str) -> str:
    """Return a cell of the table in the colour of the state that it tells, if any."""
    state = cell.strip()
    colour = COLOURS.get(state, "")
    if state.startswith("crash-looping"):
        colour = colours.RED
    return cell.replace(state, colours.painted(state, colour)) if colour else cell


def _text(column: str, value: object) -> str:
    if value is None:
        return "-"
    if column in ("since", "built"):
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(float(str(value))))
    return str(value)


def show(status: dict[str, Any], has_colours: bool = False) -> str:
    """Return the status for people."""
    paint, alarm = (coloured, colours.RED) if has_colours else (str, "")
    columns: tuple[str, ...] = ("name", "state", "port", "pid", "since")
    if any(one.get("note") for one in status["parts"]):
        columns = (*columns, "note")
    parts = table(status["parts"], columns, paint)
    columns = ("service", "instance", "version", "address", "health", "routed", "since")
    instances = table(status["instances"], columns, paint)
    if not status["instances"]:
        instances = "No instance is running. Start one with: mfrun SERVICE"
    kind = f"runtime: {status['runtime']}, access: {status['access']}"
    head = f"MicroFlack at {status['url']}  ({kind})"
    head += _about(status["certificate"])
    if (kept := status["secrets_store"]) and kept["problem"]:
        head += f"\nSecrets: {kept['problem']}"
    said = [*filter(None, [status["problem"]]), *status["moves"]]
    problem = "".join(f"\n{colours.painted(one, alarm)}\n" for one in said)
    head += f"\nFor operators: {status['operator']}"
    if status["page"]:
        head += f", {status['page']}"
    if status["limits"] == "off":
        head += "\nLimits are off: nobody is refused for asking too much."
    head += f"\n{disk_line(status['disk'])}"
    if warning := status["disk"]["warning"]:
        head += f"\n{colours.painted(warning, alarm)}"
    if (sent := status["logs_to"]) is not None:
        waiting, lost = disk.plain(sent["waiting"]), disk.plain(sent["given_up"])
        colour = alarm if sent["away_since"] else ""
        head += f"\n{colours.painted(progress.sentence(sent, waiting, lost), colour)}"
    if (told := status["traces"]) is not None:
        head += f"\n{traces.sentence(told)}"
    if (backup := status["backup"]) is not None:
        colour = alarm if backup["problem"] else ""
        head += f"\n{colours.painted(last_backup.sentence(backup), colour)}"
    for sentence in nightly.sentences(status["nightly"]):
        colour = alarm if sentence == nightly.OLD else ""
        head += f"\n{colours.painted(sentence, colour)}"
    shown = table(status["wanted"], ("service", "instances", "min", "max", "ready"))
    shown = f"\n\nWanted (mfscale):\n{shown}" if status["wanted"] else ""
    return f"{head}\n{problem}\n{parts}\n\n{instances}{shown}"


def disk_line(found: Row) -> str:
    """Return what the disk holds, and how old what was measured is."""
    kinds = (f"{kind} {disk.plain(found[kind])}" for kind in ("data", "images", "logs"))
    age = time.time() - found["measured"]
    when = f" ({age:.0f} s ago)" if age >= 1 else ""
    return f"Disk: {', '.join(kinds)}{when}; {disk.plain(found['free'])} free"


def _about(found: Row | None) -> str:
    if found is None:
        return ""
    problem = f"\n{found['problem']}" if found["problem"] else ""
    if found["until"] is None:
        return problem
    until, names = _text("since", found["until"]), ", ".join(found["names"])
    return f"\nCertificate until {until}, by {found['issuer']}, for {names}{problem}"


def main(arguments: list[str]) -> int:
    """Print the status."""
    home, as_json = Home.here(), arguments == ["--json"]
    try:
        status = complete(home, base.running(home))
    except (PlatformError, OSError) as error:
        if as_json:
            print('{"running": false}')
        print(f"mfstatus: {error}", file=sys.stderr)
        return 1
    shown = show(status, colours.are_wanted(sys.stdout))
    print(json.dumps(status, indent=2) if as_json else shown)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
