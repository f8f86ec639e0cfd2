"""Bring up the platform's parts, and the instances that ran when it was stopped.

    python -m mfplatform.commands.up [--moved]

With --moved it is to listen somewhere else than before: what runs is stopped first.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from mfplatform.commands import down, run, scale
from mfplatform.runtime import base
from mfplatform.runtime.base import Runtime
from mfplatform.secrets_store import move, options
from mfplatform.state import damage, instances, parts, ports
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.instances import Instance
from mfplatform.state.parts import PartSpec
from microflack_common.registry import RegistryError

PART_TIMEOUT_SECONDS = 60
# What has died so often at its start will not work in a minute either.
MOST_STARTS = 4


def say(text: str) -> None:
    """Report progress."""
    print(text, file=sys.stderr, flush=True)


def bring_up_parts(home: Home, runtime: Runtime) -> None:
    """Start the parts that do not run, and wait until all of them work."""
    for wave in parts.start_waves(runtime.parts()):
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
    deadline = time.monotonic() + PART_TIMEOUT_SECONDS
    seen = set()
    while not part.probe(home):
        seen.add(runtime.pid(part.name))
        if time.monotonic() > deadline or len(seen) > MOST_STARTS:
            tail = runtime.log_tail(part.name)
            advice = damage.way_out(home, part.name, tail)
            raise PlatformError(
                f"{part.name} does not work. Its log ends:\n{tail}"
                + (f"\n{advice}" if advice else "")
            )
        time.sleep(0.05)


def bring_back(home: Home, runtime: Runtime) -> list[str]:
    """Start the instances that ran before; return those that do not come back."""
    started = []
    failed = []
    for instance in instances.all_instances(home):
        try:
            if (again := _start(home, runtime, instance)) is not None:
                started.append(again)
        except PlatformError as error:
            failed.append(f"{instance.name}: {error}")
    if started:
        say(f"Starting {', '.join(one.name for one in started)} again")
    return failed + _missing(home, runtime, started)


def _start(home: Home, runtime: Runtime, instance: Instance) -> Instance | None:
    """Start an instance; None when it was running already."""
    if not runtime.pid(instance.name) and not ports.is_free(instance.port):
        # Somebody took its port while it was away.
        instance = replace(instance, port=instances.free_port(home, instance.name))
        instances.save(home, instance)
    return instance if runtime.start_instance(instance) else None


def _missing(home: Home, runtime: Runtime, started: Sequence[Instance]) -> list[str]:
    failed = []
    for instance in started:
        try:
            run.wait_until_routed(home, runtime, instance, run.READY_TIMEOUT_SECONDS)
        except PlatformError as error:
            tail = runtime.log_tail(instance.name)
            failed.append(f"{instance.name}: {error}. Its log ends:\n{tail}")
    return failed


def bring_up(home: Home, moved: bool) -> list[str]:
    """Bring everything up; return what does not come."""
    runtime = base.create(home)
    options.record(home, [part.name for part in runtime.parts()])
    if moved and runtime.is_running():
        say(f"Moving the platform to {home.url}")
        down.stop_all(home, runtime)
    first = not runtime.is_running()
    runtime.begin()
    try:
        bring_up_parts(home, runtime)
    except BaseException:
        if first:
            runtime.abandon()
        raise
    move.have_secrets(home, runtime)
    failed = bring_back(home, runtime) or scale.have_wanted(home, runtime)
    if not failed:
        move.complete(home, runtime)
    return failed


def main(arguments: list[str]) -> int:
    """Bring everything up and report what does not come."""
    try:
        failed = bring_up(Home.here(), moved=arguments == ["--moved"])
    except (PlatformError, RegistryError, OSError) as error:
        failed = [str(error)]
    for problem in failed:
        print(f"mfup: {problem}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
