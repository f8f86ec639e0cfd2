"""Bring up the platform's parts, and the instances that ran when it was stopped.

    python -m mfplatform.commands.up [--moved]

With --moved it is to listen somewhere else than before: what runs is stopped first.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace

from mfplatform.commands import down, reach, run
from mfplatform.commands.start_parts import say, start_minding, start_parts
from mfplatform.runtime import base
from mfplatform.runtime.base import Runtime
from mfplatform.secrets_store import move, options
from mfplatform.state import instances, metrics, ports
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.instances import Instance
from microflack_common.registry import RegistryError


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
    metrics.record(home)
    if moved and runtime.is_running():
        say(f"Moving the platform to {home.url}")
        down.stop_all(home, runtime)
    first = not runtime.is_running()
    runtime.begin()
    try:
        start_parts(home, runtime)
    except BaseException:
        if first:
            runtime.abandon()
        raise
    move.have_secrets(home, runtime)
    failed = bring_back(home, runtime) or reach.have_wanted(home, runtime)
    if not failed:
        move.complete(home, runtime)
    start_minding(home, runtime)
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
