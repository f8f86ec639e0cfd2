"""Upgrade services.

python -m mfplatform.upgrade VERB [SERVICE [TAG]] [--wait] [--watch N] [--within N]
"""

import argparse
import http.client
import signal
import sys

from mfplatform.state.home import Home, PlatformError
from mfplatform.upgrade import commands, messages, trial
from mfplatform.upgrade.counters import Counters
from mfplatform.upgrade.decide import Limits
from mfplatform.upgrade.lock import Lock, Lost
from mfplatform.upgrade.runner import Engine, Tools, say
from mfplatform.upgrade.runtime import Runtime
from mfplatform.upgrade.store import Store
from microflack_common.registry import Registry, RegistryError

# How long a trial is watched unless --watch says otherwise.
TRIAL = 60.0


def history(tools: Tools, service: str) -> int:
    """Print what is under way, and what was."""
    if (current := tools.store.current()) is not None:
        seen = Engine(tools, current, taken_over=True).look()
        print(messages.standing(current, seen))
    if (held := tools.lock.holder()) is not None:
        print(f"Being worked on: {held}")
    entries = tools.store.history()
    entries = [one for one in entries if service in ("", one["service"])]
    if entries:
        print(messages.history(entries))
    else:
        say("mfupgrade: no upgrade is recorded yet")
    return 0


def dispatch(options: argparse.Namespace, tools: Tools) -> int:
    """Do what the command line says."""
    service, tag, wait = options.service, options.tag, options.wait
    match options.verb:
        case "try":
            watch = TRIAL if options.watch is None else options.watch
            return trial.attempt(tools, service, tag, wait, watch)
        case "roll" if service:
            return commands.roll(tools, service, tag, wait)
        case "roll":
            return commands.roll_all(tools, wait)
        case "abort":
            return commands.abort(tools, wait)
        case "rollback":
            return commands.rollback(tools, service, wait)
        case _:
            return history(tools, service)


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line, which mfupgrade has checked."""
    parser = argparse.ArgumentParser(prog="mfupgrade")
    parser.add_argument("verb")
    parser.add_argument("service", nargs="?", default="")
    parser.add_argument("tag", nargs="?", default="")
    parser.add_argument("--wait", action="store_true")
    parser.add_argument("--watch", type=float)
    parser.add_argument("--within", type=float)
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Run one verb; return its exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options, home = parse(arguments), Home.here()
    given = {"watch": options.watch, "within": options.within}
    limits = Limits(
        **{name: value for name, value in given.items() if value is not None}
    )
    registry = Registry(home.etcd)
    tools = Tools(
        registry, Runtime(), Counters(home), Store(registry), Lock(registry), limits
    )
    try:
        return dispatch(options, tools)
    except KeyboardInterrupt:
        return 130
    except (PlatformError, RegistryError, Lost, http.client.HTTPException) as error:
        print(f"mfupgrade: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
