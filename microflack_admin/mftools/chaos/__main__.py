"""Kill and freeze what a chat consists of while people chat, and tell what held.

python -m mftools.chaos MINUTES SEED [--json] [--dry-run]
"""

import asyncio
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from mfplatform.state.home import Home, PlatformError
from mftools.bench.bench import say
from mftools.bench.main import machine
from mftools.bench.report import Report
from mftools.bench.testbed import Testbed
from mftools.chaos.plan import Misfortune, plan
from mftools.chaos.run import chaos
from mftools.chaos.targets import INSTANCES, targets
from microflack_common.registry import RegistryError


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _run(bed: Testbed, misfortunes: list[Misfortune], report: Report) -> None:
    say("Bringing up a platform of its own")
    bed.empty()
    bed.up()
    bed.have_instances(INSTANCES)
    try:
        asyncio.run(chaos(bed, misfortunes, report, say))
    finally:
        bed.down()


def _measured(bed: Testbed, misfortunes: list[Misfortune], as_json: bool) -> bool:
    """Let it happen; return whether all held."""
    report = Report(machine(), instances=INSTANCES)
    try:
        _run(bed, misfortunes, report)
    finally:
        # What was seen before something broke is worth seeing, too.
        print(report.json() if as_json else report.table())
    return all(row.reached for row in report.rows)


def main(arguments: list[str]) -> int:
    """Let it happen; fail when something that was promised did not hold."""
    signal.signal(signal.SIGTERM, _interrupted)
    minutes, seed, *options = arguments
    bed = Testbed(Home.here())
    checkout = Path(os.environ["MF_ADMIN"]).parent
    try:
        misfortunes = plan(int(seed), 60 * float(minutes), targets(bed.home, checkout))
        say(f"{len(misfortunes)} misfortunes in {minutes} minutes, of seed {seed}")
        if "--dry-run" in options:
            print("".join(f"{one}\n" for one in misfortunes), end="")
            return 0
        if _measured(bed, misfortunes, "--json" in options):
            return 0
    except KeyboardInterrupt:
        print("mfchaos: interrupted", file=sys.stderr)
        return 130
    except (PlatformError, RegistryError, OSError, ValueError) as error:
        print(f"mfchaos: {error}", file=sys.stderr)
        return 1
    say(f"Not all of it held. The same again: --seed {seed}")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
