"""A trial: one instance of a new version beside the old ones, for people to watch."""

import time

from mfplatform.state.home import PlatformError
from mfplatform.upgrade import messages
from mfplatform.upgrade.actions import Undo
from mfplatform.upgrade.commands import BUILD_FIRST, run_to_end, take_over
from mfplatform.upgrade.locking import acquire, locked_for, refuse
from mfplatform.upgrade.plan import plan_trial
from mfplatform.upgrade.runner import UpgradeContext, UpgradeRunner, say
from mfplatform.upgrade.state import Upgrade, new_instances
from microflack_common.registry import RegistryError

POLL_SECONDS = 1.0
# So many lines of the new instance's log are read, and shown, at a time.
MAX_READ_LINES = 100
MAX_SHOWN_LINES = 8
TRIAL_GOES_ON = (
    "The trial goes on. Complete it with: mfupgrade roll. End it: mfupgrade abort"
)


def run_trial(
    context: UpgradeContext, service: str, tag: str, wait: bool, watch_seconds: float
) -> int:
    """Start a trial, or take the one under way, and watch it; return the exit code."""
    runner = None
    try:
        with locked_for(service, context, f"trial of {service}", wait) as unfinished:
            runner = _begin_or_take_over(context, service, tag, unfinished)
            code = _run_until_ready(runner)
        code = _watch(runner, watch_seconds) if code is None else code
    except KeyboardInterrupt:
        if runner is None or runner.upgrade.mode != "trial":
            raise
        say("")
        code = None
    if code is not None:
        return code
    print(messages.trial_result(runner.upgrade, runner.seen), flush=True)
    say(TRIAL_GOES_ON)
    return 0


def _begin_or_take_over(
    context: UpgradeContext, service: str, tag: str, unfinished: Upgrade | None
) -> UpgradeRunner:
    if unfinished is None:
        return _begin(context, service, tag or "latest")
    is_other = tag and context.instances.image(service, tag).id != unfinished.image
    if unfinished.mode != "trial" or is_other:
        refuse(context, unfinished)
    return take_over(context, unfinished)


def _begin(context: UpgradeContext, service: str, tag: str) -> UpgradeRunner:
    upgrade = plan_trial(context, service, tag)
    if upgrade is None:
        raise PlatformError(
            f"there is nothing to try: {service} runs its image {tag} already. "
            f"{BUILD_FIRST} {service}"
        )
    context.store.save(upgrade)
    return UpgradeRunner(context, upgrade, taken_over=False)


def _run_until_ready(runner: UpgradeRunner) -> int | None:
    """Have the new instance run; return an exit code if nothing came of it."""
    try:
        runner.run()
    except KeyboardInterrupt:
        runner.undo()
        run_to_end(runner, undo_is_success=True)
        raise
    return run_to_end(runner) if runner.upgrade.mode == "undo" else None


def _watch(runner: UpgradeRunner, seconds: float) -> int | None:
    """Show how it does; return an exit code if the trial is over before the time."""
    # Without the lock: another shell may complete or end the trial meanwhile.
    deadline, last_line = time.monotonic() + seconds, ""
    while time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        try:
            current = runner.context.store.current()
            if current is None or current.since != runner.upgrade.since:
                return _tell_its_end(runner)
            if current.mode != "trial":
                say("The trial is being completed or ended by another shell.")
                return 0
            runner.observe()
        except RegistryError:
            # The new instance serves all the same.
            continue
        action = runner.next_action()
        if isinstance(action, Undo):
            return _undo(runner, action)
        last_line = _show_log(runner, last_line)
        say(messages.comparison(runner.upgrade, runner.seen))
    return None


def _tell_its_end(runner: UpgradeRunner) -> int:
    history = runner.context.store.history()
    mine = [entry for entry in history if entry["since"] == runner.upgrade.since]
    outcome = mine[-1]["outcome"] if mine else "ended"
    say(f"{runner.upgrade.title}: {outcome} by another shell.")
    return 0


def _undo(runner: UpgradeRunner, action: Undo) -> int:
    """End a trial of a version that is not good, unless somebody else is at it."""
    context = runner.context
    acquire(context, f"end of the trial of {runner.upgrade.service}", wait=True)
    try:
        current = context.store.current()
        if current is None or current.mode != "trial":
            return _tell_its_end(runner)
        runner.apply(action)
        return run_to_end(runner)
    finally:
        context.lock.release()


def _show_log(runner: UpgradeRunner, last_line: str) -> str:
    """Show what the new instance logged after ``last_line``; return the newest line."""
    for one in new_instances(runner.upgrade, runner.seen):
        log = runner.context.instances.log(one.name, MAX_READ_LINES)
        lines = messages.lines_after(log, last_line)
        if len(lines) > MAX_SHOWN_LINES:
            hidden = len(lines) - MAX_SHOWN_LINES
            say(f"... {hidden} more lines, see: mflogs {one.name}")
        for line in lines[-MAX_SHOWN_LINES:]:
            say(line)
        last_line = lines[-1] if lines else last_line
    return last_line
