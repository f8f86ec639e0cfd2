"""Have so many instances of a service, now and from now on.

    python -m mfplatform.commands.scale [--json] [--wait] SERVICE N
    python -m mfplatform.commands.scale [--json] --forget SERVICE

It starts and stops them as `mfrun` and `mfkill` do, and keeps what is wanted in the
registry.
"""

import argparse
import json
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from mfplatform.commands import kill, run
from mfplatform.commands.start_parts import start_minding
from mfplatform.runtime import base
from mfplatform.runtime.base import Runtime
from mfplatform.state import care, disk, instances, lb_state, memory, wishes
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.instances import Instance
from mfplatform.state.wishes import Wish
from mfplatform.upgrade.actions import Limits
from mfplatform.upgrade.context import context_of
from mfplatform.upgrade.lock import LockLost
from mfplatform.upgrade.locking import acquire, refuse
from microflack_common.registry import Registry, RegistryError

# What an instance takes of which none runs yet: more than any of ours at its start.
USUAL_BYTES = 150_000_000
AT_A_TIME = 8


def of_service(home: Home, service: str) -> list[Instance]:
    """Return the instances of a service."""
    return [one for one in instances.all_instances(home) if one.service == service]


def check_room(service: str, number: int, sizes: Sequence[int], free: int) -> None:
    """Refuse more instances than the memory of this machine bears.

    :param sizes: the bytes that each instance takes of those that there are.
    :param free: the bytes that are left.
    :raises PlatformError: it does not; the text says how many it does.
    """
    each = max([*sizes, 0]) or USUAL_BYTES
    if (number - len(sizes)) * each > free:
        raise PlatformError(
            f"this machine does not bear {number} instances of {service}: each takes "
            f"{disk.plain(each)} of memory and {disk.plain(free)} are left, which is "
            f"enough for {len(sizes) + free // each}"
        )


@contextmanager
def undisturbed(
    home: Home, runtime: Runtime, service: str, wait: bool
) -> Iterator[None]:
    """Let nobody upgrade meanwhile.

    :param wait: until the end of an upgrade that somebody else is at.
    :raises PlatformError: an upgrade is under way, or one of this service unfinished.
    """
    context = context_of(home, runtime, Limits())
    acquire(context, f"mfscale {service}", wait, brief=True)
    try:
        unfinished = context.store.current()
        if unfinished is not None and unfinished.service == service:
            refuse(context, unfinished)
        yield
    finally:
        context.lock.release()


def reach(home: Home, runtime: Runtime, service: str, number: int) -> list[str]:
    """Start or stop instances until there are so many; return what went wrong.

    What is started is what serves now. What is stopped gets no requests, or is young.
    """
    there = of_service(home, service)
    if len(there) < number:
        return start(home, runtime, service, number - len(there))
    if too_many := spare(home, there, len(there) - number):
        failed = kill.kill_all(home, runtime, too_many, is_quiet=True)
        return [f"{name} was not stopped: {failed[name]}" for name in failed]
    return []


def spare(home: Home, there: Sequence[Instance], number: int) -> list[Instance]:
    """Return those of a service's instances that are missed least."""
    balancer, _ = lb_state.read(Registry(home.etcd))
    ready = {
        one.name for one in there if balancer.state(one.service, one.name) == "ready"
    }
    return sorted(there, key=lambda one: (one.name in ready, -one.created))[:number]


def start(home: Home, runtime: Runtime, service: str, number: int) -> list[str]:
    """Start so many more of what serves now, side by side; return what went wrong."""
    tag = run.default_tag(home, runtime, service)
    failed = []
    with ThreadPoolExecutor(min(number, AT_A_TIME)) as pool:
        begun = [
            pool.submit(run.run, home, runtime, service, tag, {}) for _ in range(number)
        ]
        for one in begun:
            try:
                one.result()
            except (PlatformError, OSError) as error:
                failed.append(str(error))
    return failed


def scale(
    home: Home, runtime: Runtime, service: str, number: int, wait: bool
) -> list[str]:
    """Have so many wanted and there; return what went wrong.

    :raises PlatformError: it cannot be begun; nothing has changed.
    """
    with undisturbed(home, runtime, service, wait):
        pids = [runtime.pid(one.name) for one in of_service(home, service)]
        sizes = [memory.of_tree(pid) for pid in pids]
        check_room(service, number, sizes, memory.available())
        with wishes.changing(home) as registry:
            wishes.write(registry, service, Wish(number, number, number, time.time()))
        return reach(home, runtime, service, number)


def have_wanted(home: Home, runtime: Runtime) -> list[str]:
    """Start what is wanted and not there; return what went wrong."""
    failed = []
    for service, wish in wishes.read_all(Registry(home.etcd)).items():
        missing = wish.instances - len(of_service(home, service))
        if missing > 0:
            failed += start(home, runtime, service, missing)
    return failed


def have_caretaker(home: Home, runtime: Runtime) -> None:
    """Have somebody keep what is wanted, unless a person has said otherwise."""
    there = any(part.minds_instances for part in runtime.parts())
    if there and not care.mode(home):
        home.record(**{care.CARETAKER: care.ON})
        start_minding(home, runtime)


def describe(home: Home, service: str) -> dict[str, object]:
    """Return what programs want to know: what is wanted, and what there is."""
    wish = wishes.read(Registry(home.etcd), service)
    there = [one.name for one in of_service(home, service)]
    wanted: dict[str, object] = dict.fromkeys(("instances", "min", "max"))
    if wish is not None:
        wanted |= {name: wish.stored()[name] for name in wanted}
    return {"service": service, **wanted, "there": there}


def main(arguments: list[str]) -> int:
    """Scale as told on the command line."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    parser = argparse.ArgumentParser(prog="mfscale")
    for flag in ("--json", "--wait", "--forget"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("service")
    parser.add_argument("number", nargs="?", type=int)
    options, home = parser.parse_args(arguments), Home.here()
    service, failed = options.service, []
    try:
        runtime = base.running(home)
        if options.forget:
            with wishes.changing(home) as registry:
                wishes.forget(registry, service)
        else:
            failed = scale(home, runtime, service, options.number, options.wait)
            have_caretaker(home, runtime)
        told = describe(home, service)
    except KeyboardInterrupt:
        return 130
    except (PlatformError, RegistryError, LockLost, OSError) as error:
        failed = [*failed, str(error)]
        told = {}
    for problem in failed:
        print(f"mfscale: {problem}", file=sys.stderr)
    if told:
        print(json.dumps(told, indent=2) if options.json else said(told))
    return 1 if failed else 0


def said(told: dict[str, object]) -> str:
    """Say it to people."""
    there = ", ".join(told["there"]) or "none"  # type: ignore[arg-type]
    wanted = told["instances"] or "any number of"
    return f"{wanted} instances of {told['service']} are wanted; there are: {there}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
