"""Bring up the platform's parts, and the instances that ran when it was stopped.

python -m mfplatform.commands.up
"""

import http.client
import sys
import time
import xmlrpc.client
from collections.abc import Sequence
from dataclasses import replace

from mfplatform.commands import run
from mfplatform.runtime import base
from mfplatform.runtime.base import Part, Runtime
from mfplatform.state import instances, lb_state, ports
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.instances import Instance
from microflack_common.registry import Registry, RegistryError

PATIENCE = 60
# What has died so often at its start will not work in a minute either.
MOST_STARTS = 4
# Each wave needs the one before.
WAVES = (("etcd", "mariadb", "redis", "logs"), ("haproxy", "renderer"))


def say(text: str) -> None:
    """Report progress."""
    print(text, file=sys.stderr, flush=True)


def bring_up_parts(home: Home, keeper: Runtime) -> None:
    """Start the parts that do not run, and wait until all of them work."""
    for names in WAVES:
        wave = [part for part in keeper.parts() if part.name in names]
        if "renderer" in names and not keeper.pid("renderer"):
            # What it told before it stopped would be taken for the truth.
            Registry(home.etcd).delete(lb_state.KEY)
        started = [p.name for p in wave if keeper.start_part(p)]
        if started:
            say(f"Starting {', '.join(started)}")
        for part in wave:
            _wait(home, keeper, part)


def _wait(home: Home, keeper: Runtime, part: Part) -> None:
    deadline = time.monotonic() + PATIENCE
    seen = set()
    while not part.answers(home):
        seen.add(keeper.pid(part.name))
        if time.monotonic() > deadline or len(seen) > MOST_STARTS:
            tail = keeper.log_tail(part.name)
            raise PlatformError(f"{part.name} does not work. Its log ends:\n{tail}")
        time.sleep(0.05)


def bring_back(home: Home, keeper: Runtime) -> list[str]:
    """Start the instances that ran before; return those that do not come back."""
    started = []
    failed = []
    for instance in instances.all_instances(home):
        try:
            if (again := _start(home, keeper, instance)) is not None:
                started.append(again)
        except PlatformError as error:
            failed.append(f"{instance.name}: {error}")
    if started:
        say(f"Starting {', '.join(one.name for one in started)} again")
    return failed + _missing(home, keeper, started)


def _start(home: Home, keeper: Runtime, instance: Instance) -> Instance | None:
    """Start an instance; None when it was running already."""
    if not keeper.pid(instance.name) and not ports.is_free(instance.port):
        # Somebody took its port while it was away.
        instance = replace(instance, port=instances.free_port(home, instance.name))
        instances.save(home, instance)
    return instance if run.start(home, instance) else None


def _missing(home: Home, keeper: Runtime, started: Sequence[Instance]) -> list[str]:
    failed = []
    for instance in started:
        try:
            run.wait_until_routed(home, instance, PATIENCE)
        except PlatformError as error:
            tail = keeper.log_tail(instance.name)
            failed.append(f"{instance.name}: {error}. Its log ends:\n{tail}")
    return failed


def main() -> int:
    """Bring everything up and report what does not come."""
    home = Home.here()
    try:
        keeper = base.of(home)
        first = not keeper.is_running()
        keeper.begin()
        try:
            bring_up_parts(home, keeper)
        except BaseException:
            if first:
                keeper.abandon()
            raise
        failed = bring_back(home, keeper)
    except (PlatformError, RegistryError) as error:
        failed = [str(error)]
    except (OSError, http.client.HTTPException, xmlrpc.client.Error) as error:
        failed = [f"the platform could not be started: {error}"]
    for problem in failed:
        print(f"mfup: {problem}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
