"""Have so many instances of a service, now and from now on.

    python -m mfplatform.commands.scale [--json] [--wait] SERVICE N|MIN-MAX
    python -m mfplatform.commands.scale [--json] --forget SERVICE

It starts and stops them as `mfrun` and `mfkill` do, and keeps what is wanted in the
registry.
"""

import argparse
import json
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from mfplatform.commands import reach
from mfplatform.commands.start_parts import start_minding
from mfplatform.runtime import base
from mfplatform.runtime.base import Runtime
from mfplatform.state import care, memory, wishes
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.wishes import Wish
from mfplatform.upgrade.actions import Limits
from mfplatform.upgrade.context import context_of
from mfplatform.upgrade.lock import LockLost
from mfplatform.upgrade.locking import acquire, refuse
from microflack_common.registry import Registry, RegistryError


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


def scale(
    home: Home, runtime: Runtime, service: str, least: int, most: int, wait: bool
) -> list[str]:
    """Have so many wanted and there, as few as may be; return what went wrong.

    :raises PlatformError: it cannot be begun; nothing has changed.
    """
    if least < most:
        _need_caretaker(home, runtime)
    with undisturbed(home, runtime, service, wait):
        there = [one.name for one in reach.of_service(home, service)]
        sizes = [runtime.memory(name).used for name in there]
        reach.check_room(service, most, sizes, memory.available())
        number = min(max(len(there), least), most)
        with wishes.changing(home) as registry:
            wishes.write(registry, service, Wish(number, least, most, time.time()))
        return reach.reach(home, runtime, service, number)


def _need_caretaker(home: Home, runtime: Runtime) -> None:
    """Refuse a number that follows the load where nobody follows it.

    :raises PlatformError: nobody does.
    """
    if not any(part.minds_instances for part in runtime.parts()):
        raise PlatformError(
            f"the runtime '{home.runtime}' runs no caretaker, which would follow the "
            "load. Take one number"
        )
    if care.mode(home) == care.OFF:
        raise PlatformError(
            "there is no caretaker, which would follow the load. Take one number, or "
            f"have one: {care.CARETAKER}={care.ON} mfup"
        )


def have_caretaker(home: Home, runtime: Runtime) -> None:
    """Have somebody keep what is wanted, unless a person has said otherwise."""
    there = any(part.minds_instances for part in runtime.parts())
    if there and not care.mode(home):
        home.record(**{care.CARETAKER: care.ON})
        start_minding(home, runtime)


def describe(home: Home, service: str) -> dict[str, object]:
    """Return what programs want to know: what is wanted, and what there is."""
    wish = wishes.read(Registry(home.etcd), service)
    there = [one.name for one in reach.of_service(home, service)]
    wanted: dict[str, object] = dict.fromkeys(("instances", "min", "max"))
    if wish is not None:
        wanted |= {name: wish.stored()[name] for name in wanted}
    return {"service": service, **wanted, "there": there}


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line, which mfscale has checked."""
    parser = argparse.ArgumentParser(prog="mfscale")
    for flag in ("--json", "--wait", "--forget"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("service")
    parser.add_argument("number", nargs="?", default="")
    return parser.parse_args(arguments)


def apply(home: Home, runtime: Runtime, options: argparse.Namespace) -> list[str]:
    """Do what the command line says; return what went wrong."""
    service = options.service
    if options.forget:
        with wishes.changing(home) as registry:
            wishes.forget(registry, service)
        return []
    least, _, most = options.number.partition("-")
    failed = scale(home, runtime, service, int(least), int(most or least), options.wait)
    have_caretaker(home, runtime)
    return failed


def main(arguments: list[str]) -> int:
    """Scale as told on the command line."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options, home = parse(arguments), Home.here()
    failed, told = [], {}
    try:
        failed = apply(home, base.running(home), options)
        told = describe(home, options.service)
    except KeyboardInterrupt:
        return 130
    except (PlatformError, RegistryError, LockLost, OSError) as error:
        failed = [*failed, str(error)]
    for problem in failed:
        print(f"mfscale: {problem}", file=sys.stderr)
    if told:
        print(json.dumps(told, indent=2) if options.json else said(told))
    return 1 if failed else 0


def said(told: dict[str, object]) -> str:
    """Say it to people."""
    there = ", ".join(told["there"]) or "none"  # type: ignore[arg-type]
    wanted = told["instances"] or "any number of"
    if told["min"] != told["max"]:
        wanted = f"{wanted} ({told['min']} to {told['max']})"
    return f"{wanted} instances of {told['service']} are wanted; there are: {there}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
