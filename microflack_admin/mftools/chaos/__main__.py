"""Let misfortunes befall a chat while people use it, and tell what held.

python -m mftools.chaos MINUTES SEED WITHOUT [--json] [--dry-run]

WITHOUT names the kinds of them that are not to happen, separated by commas.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from mfplatform.state.home import Home, PlatformError
from mftools.bench.bench import say
from mftools.bench.main import machine
from mftools.bench.report import Report
from mftools.bench.testbed import Testbed
from mftools.chaos.plan import Misfortune, plan
from mftools.chaos.run import chaos
from mftools.chaos.small_disk import SmallDisk
from mftools.chaos.targets import INSTANCES, targets
from microflack_common.registry import RegistryError

# What a home on the small disk takes from the one that is kept.
KEPT = ("tools", "wheelhouse", "images", "image-store")


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def _on_small_disk(home: Home) -> Iterator[tuple[Home, SmallDisk]]:
    """Have a small disk, with an empty home on it that has all that was installed."""
    disk = SmallDisk(home.path / "disk")
    small = Home(disk.folder / "home")
    disk.mount()
    try:
        home.images.mkdir(mode=0o700, exist_ok=True)
        small.path.mkdir(mode=0o700)
        for name in KEPT:
            if (kept := home.path.resolve() / name).exists():
                (small.path / name).symlink_to(kept)
        yield small, disk
    finally:
        disk.unmount()


def _end_left_behind(home: Home) -> None:
    """End what a run has left that was killed, with or without a small disk."""
    disk = SmallDisk(home.path / "disk")
    if home.was_started:
        Testbed(home).down()
    if disk.is_mounted:
        Testbed(Home(disk.folder / "home")).down()
        disk.unmount()


def _run(
    home: Home, disk: SmallDisk | None, misfortunes: list[Misfortune], report: Report
) -> None:
    say("Bringing up a platform of its own")
    bed = Testbed(home)
    bed.empty()
    try:
        bed.up()
        # The last of each begins behind its line.
        bed.have_instances(INSTANCES - 1)
        asyncio.run(chaos(bed, disk, misfortunes, report, say))
    finally:
        bed.down()


def _measured(home: Home, misfortunes: list[Misfortune], as_json: bool) -> bool:
    """Let it happen; return whether all held."""
    report = Report(machine(), instances=INSTANCES)
    _end_left_behind(home)
    try:
        if any(one.kind == "fill" for one in misfortunes):
            with _on_small_disk(home) as (small, disk):
                _run(small, disk, misfortunes, report)
        else:
            _run(home, None, misfortunes, report)
    finally:
        # What was seen before something broke is worth seeing, too.
        print(report.json() if as_json else report.table())
    return not any(row.reached is False for row in report.rows)


def main(arguments: list[str]) -> int:
    """Let it happen; fail when something that was promised did not hold."""
    signal.signal(signal.SIGTERM, _interrupted)
    minutes, seed, without, *options = arguments
    home, checkout = Home.here(), Path(os.environ["MF_ADMIN"]).parent
    try:
        found = targets(home, checkout, without.split(","))
        if not found.get("fill", ["disk"]):
            say("The disk is not filled: that takes root")
        misfortunes = plan(int(seed), 60 * float(minutes), found)
        say(f"{len(misfortunes)} misfortunes in {minutes} minutes, of seed {seed}")
        if "--dry-run" in options:
            print("".join(f"{one}\n" for one in misfortunes), end="")
            return 0
        if _measured(home, misfortunes, "--json" in options):
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
