"""Play the talk on a platform of its own, and print what came of it.

python -m mftools.tour [--pause] [--json] [--from monolith|nothing]
"""

import asyncio
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from mfplatform.state.home import Home, PlatformError
from mftools.bench.bench import say
from mftools.bench.testbed import Testbed
from mftools.tour import plan
from mftools.tour.monolith import Monolith
from mftools.tour.pause import Pauses
from mftools.tour.play import Tour
from mftools.tour.report import TourReport
from microflack_common.registry import RegistryError


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def tour(options: list[str], report: TourReport) -> None:
    """Play all steps; whatever happens, leave nothing running."""
    admin = Path(os.environ["MF_ADMIN"])
    known = plan.history(admin.parent)
    steps = plan.steps(known)
    bed = Testbed(Home.here())
    as_json = "--json" in options
    out = sys.stderr if as_json else sys.stdout
    played = Tour(bed, admin, known, out, Pauses("--pause" in options), report)
    monolith = Monolith(bed)
    say("Removing what the last tour has left")
    monolith.clear()
    bed.empty()
    try:
        if "nothing" not in options:
            asyncio.run(played.begin(monolith))
            bed.empty()
        asyncio.run(played.play(steps))
    finally:
        # First: whoever was told until now may be gone.
        monolith.down()
        bed.down()
        # What was seen before something broke is worth seeing, too.
        print(report.json() if as_json else f"\n{report.table()}", flush=True)


def main(options: list[str]) -> int:
    """Play; fail when anybody noticed anything."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _interrupted)
    report = TourReport()
    try:
        tour(options, report)
    except KeyboardInterrupt:
        print("mftour: interrupted", file=sys.stderr)
        return 130
    except (PlatformError, RegistryError, OSError) as error:
        print(f"mftour: {error}", file=sys.stderr)
        return 1
    if not report.good:
        print("mftour: something failed or was lost: see above", file=sys.stderr)
    return 0 if report.good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
