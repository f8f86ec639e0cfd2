"""Start the parts of the platform, and wait until they work."""

import sys
import time
from collections.abc import Sequence

from mfplatform.runtime.base import Runtime
from mfplatform.state import damage, parts
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.parts import PartSpec
from mfplatform.state.patience import Deadline

PART_TIMEOUT_SECONDS = 60
# What has died so often at its start will not work in a minute either.
MOST_STARTS = 4


def say(text: str) -> None:
    """Report progress."""
    print(text, file=sys.stderr, flush=True)


def start_parts(home: Home, runtime: Runtime) -> None:
    """Start the parts that do not run, and wait until all of them work.

    Those that mind the instances are to be started after these.
    """
    for wave in parts.start_waves(runtime.parts()):
        _start(home, runtime, [part for part in wave if not part.minds_instances])


def start_minding(home: Home, runtime: Runtime) -> None:
    """Start the parts that mind the instances, and wait until they work."""
    _start(home, runtime, [part for part in runtime.parts() if part.minds_instances])


def _start(home: Home, runtime: Runtime, wave: Sequence[PartSpec]) -> None:
    known = runtime.states()
    unwanted = [part for part in wave if not part.is_wanted(home)]
    for part in unwanted:
        runtime.remove(part.name, part.stop_timeout_seconds)
    wave = [part for part in wave if part not in unwanted]
    for part in wave:
        runs = part.name in known and known[part.name]["pid"] is not None
        part.before_start(home, runs)
    started = [part.name for part in wave if runtime.start_part(part)]
    if started:
        say(f"Starting {', '.join(started)}")
    for part in wave:
        _wait(home, runtime, part)


def _wait(home: Home, runtime: Runtime, part: PartSpec) -> None:
    deadline = Deadline(PART_TIMEOUT_SECONDS)
    seen = set()
    while not part.probe(home):
        seen.add(runtime.pid(part.name))
        if deadline.is_over() or len(seen) > MOST_STARTS:
            tail = runtime.log_tail(part.name)
            advice = damage.way_out(home, part.name, tail)
            raise PlatformError(
                f"{part.name} does not work. Its log ends:\n{tail}"
                + (f"\n{advice}" if advice else "")
            )
        time.sleep(0.05)
