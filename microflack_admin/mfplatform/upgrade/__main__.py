"""Upgrade services.

python -m mfplatform.upgrade VERB [SERVICE [TAG]] [OPTION...]
"""

import argparse
import json
import signal
import sys

from mfplatform.runtime import base
from mfplatform.state.home import Home, PlatformError
from mfplatform.upgrade import commands, messages, trial
from mfplatform.upgrade.actions import Limits
from mfplatform.upgrade.context import context_of
from mfplatform.upgrade.lock import LockLost
from mfplatform.upgrade.runner import UpgradeContext, UpgradeRunner, say
from microflack_common.registry import RegistryError

# How long a trial is watched unless --watch says otherwise.
TRIAL_SECONDS = 60.0


def main(arguments: list[str]) -> int:
    """Run one verb; return its exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options, home = parse(arguments), Home.here()
    try:
        context = context_of(home, base.running(home), limits_from(options))
        return dispatch(options, context)
    except KeyboardInterrupt:
        return 130
    except (PlatformError, RegistryError, LockLost, OSError) as error:
        print(f"mfupgrade: {error}", file=sys.stderr)
        return 1


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line, which mfupgrade has checked."""
    parser = argparse.ArgumentParser(prog="mfupgrade")
    parser.add_argument("verb")
    parser.add_argument("service", nargs="?", default="")
    parser.add_argument("tag", nargs="?", default="")
    for flag in ("--wait", "--json"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("--watch", type=float)
    parser.add_argument("--within", type=float)
    return parser.parse_args(arguments)


def limits_from(options: argparse.Namespace) -> Limits:
    """Return how long the upgrade waits; Limits' own values for what is not said."""
    given = {"watch_seconds": options.watch, "ready_seconds": options.within}
    return Limits(**{name: value for name, value in given.items() if value is not None})


def dispatch(options: argparse.Namespace, context: UpgradeContext) -> int:
    """Do what the command line says."""
    service, tag, wait = options.service, options.tag, options.wait
    match options.verb:
        case "try":
            seconds = TRIAL_SECONDS if options.watch is None else options.watch
            return trial.run_trial(context, service, tag, wait, seconds)
        case "roll" if service:
            return commands.roll(context, service, tag, wait)
        case "roll":
            return commands.roll_all(context, wait)
        case "abort":
            return commands.abort(context, wait)
        case "rollback":
            return commands.rollback(context, service, wait)
        case _:
            return history(context, service, options.json)


def history(context: UpgradeContext, service: str, as_json: bool) -> int:
    """Print what is under way, and what was."""
    current, holder = context.store.current(), context.lock.holder()
    under_way = ""
    if current is not None:
        runner = UpgradeRunner(context, current, taken_over=True)
        under_way = messages.progress(current, runner.observe())
    entries = context.store.history()
    entries = [entry for entry in entries if service in ("", entry["service"])]
    if as_json:
        described = current and messages.described(current, under_way)
        worked_on_by = None if holder is None else str(holder)
        found = {"current": described, "worked_on_by": worked_on_by, "history": entries}
        print(json.dumps(found, indent=2))
        return 0
    if under_way:
        print(under_way)
    if holder is not None:
        print(f"Being worked on: {holder}")
    if entries:
        print(messages.history(entries))
    else:
        say("mfupgrade: no upgrade is recorded yet")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
