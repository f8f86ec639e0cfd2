"""Measure the chat, and print what came of it.

python -m mftools.bench.main [OPTION...] [PART...]
"""

import argparse
import os
import platform
import signal
import sys
import time
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

from mfplatform.state.home import Home, PlatformError
from mftools.bench import (
    api_load,
    attacks,
    autoscale,
    events,
    one_process,
    order,
    rooms_load,
    scale,
    scale_out,
    searching,
    starting,
    storm,
    upgrading,
)
from mftools.bench.bench import Bench, BenchPart, say
from mftools.bench.peers import compare
from mftools.bench.report import Report, into_page
from mftools.bench.testbed import Testbed
from mftools.bench.users import MESSAGES, SOCKETS, TOKENS, USERS
from microflack_common.registry import RegistryError

CHAT = (USERS, TOKENS, MESSAGES)
PARTS = {
    "start": BenchPart(starting.start),
    "memory": BenchPart(starting.memory),
    "routing": BenchPart(starting.routing),
    "posts": BenchPart(api_load.posts, CHAT),
    "lists": BenchPart(api_load.lists, CHAT),
    "logins": BenchPart(api_load.logins, CHAT),
    "events": BenchPart(events.events),
    "scale": BenchPart(scale.scale, CHAT),
    "upgrade": BenchPart(upgrading.upgrade, CHAT),
    "rooms": BenchPart(rooms_load.rooms, (*CHAT, SOCKETS), by_name=True),
    "order": BenchPart(order.order, (*CHAT, SOCKETS), by_name=True),
    "storm": BenchPart(storm.storm, (*CHAT, SOCKETS), storm.CLIENTS, by_name=True),
    "scale-out": BenchPart(scale_out.scale_out, CHAT, by_name=True),
    "autoscale": BenchPart(autoscale.autoscale, CHAT, by_name=True),
    "search": BenchPart(searching.search, CHAT, by_name=True),
    "attacks": BenchPart(attacks.attacks, (*CHAT, SOCKETS), by_name=True),
    "monolith": BenchPart(one_process.monolith, (*CHAT, SOCKETS), by_name=True),
    "peers": BenchPart(compare.peers, (*CHAT, SOCKETS), by_name=True),
}
BY_DEFAULT = [name for name, part in PARTS.items() if not part.by_name]
PAGE = Path("docs") / "speed.md"


def machine() -> dict[str, Any]:
    """Describe what is measured on."""
    described = Path("/proc/cpuinfo").read_text().splitlines()
    names = [
        line.split(":", 1)[1].strip() for line in described if "model name" in line
    ]
    return {
        "cores": os.cpu_count(),
        "cpu": names[0] if names else platform.machine(),
        "version": f"Python {platform.python_version()}",
        "date": date.today().isoformat(),
    }


def options(arguments: list[str]) -> argparse.Namespace:
    """Read the command line, which mfbench has checked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--page", action="store_true")
    parser.add_argument("--starved", action="store_true")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clients", type=int)
    parser.add_argument("--instances", type=int, default=1)
    parser.add_argument("parts", nargs="*")
    return parser.parse_args(arguments)


def run(bench: Bench, names: list[str], clients: int | None) -> None:
    """Measure these parts on a platform that starts with nothing stored."""
    say("Bringing up a platform of its own")
    bench.bed.empty()
    bench.bed.up()
    for name in names:
        # A part may have left fewer, or started the platform anew.
        bench.bed.have_instances(bench.instances)
        part = PARTS[name]
        missing = [path for path in part.needs if not bench.bed.service_at(path)]
        if missing:
            bench.report.skipped[name] = f"nothing serves {', '.join(missing)} here"
            continue
        say(f"Measuring {name}")
        bench.clients = clients or part.clients
        began = time.monotonic()
        part.run(bench)
        say(f"  {time.monotonic() - began:.0f} s")


def into_guide(report: Report, names: list[str]) -> None:
    """Write the figures into the guide. Each part has a place: others stay."""
    file = Path(os.environ["MF_ADMIN"]) / PAGE
    page = file.read_text()
    for name in names:
        page = into_page(page, report.markdown([name]), name)
    file.write_text(page)
    say(f"Wrote the figures into {file}")


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(arguments: list[str]) -> int:
    """Measure; whether a goal is reached changes nothing in the exit code."""
    signal.signal(signal.SIGTERM, _interrupted)
    chosen = options(arguments)
    bed = Testbed(Home.here())
    report = Report(machine())
    bench = Bench(bed, report, chosen.seconds, chosen.rounds, starved=chosen.starved)
    bench.instances = report.instances = chosen.instances
    names = chosen.parts or BY_DEFAULT
    try:
        try:
            run(bench, names, chosen.clients)
        finally:
            bed.down()
            # What was measured before something broke is worth seeing, too.
            print(report.json() if chosen.json else report.table())
        if chosen.page:
            into_guide(report, names)
    except KeyboardInterrupt:
        print("mfbench: interrupted", file=sys.stderr)
        return 130
    except (PlatformError, RegistryError, OSError, ValueError) as error:
        print(f"mfbench: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
