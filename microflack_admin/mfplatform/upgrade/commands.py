"""The verbs of mfupgrade that change something at once: roll, rollback and abort."""

from mfplatform.state.home import PlatformError
from mfplatform.upgrade import messages
from mfplatform.upgrade.locking import locked, locked_for, refuse
from mfplatform.upgrade.plan import plan_next, plan_rollback, plan_upgrade
from mfplatform.upgrade.runner import UpgradeContext, UpgradeRunner, say
from mfplatform.upgrade.state import Upgrade

BUILD_FIRST = "Build a newer one first: mfbuild"


def roll(context: UpgradeContext, service: str, tag: str, wait: bool) -> int:
    """Upgrade a service: complete its trial, or do all of it; return the exit code."""
    with locked_for(service, context, f"roll of {service}", wait) as unfinished:
        if unfinished is not None:
            wanted = context.instances.image(service, tag).id if tag else ""
            if wanted not in ("", unfinished.goal.image):
                refuse(context, unfinished)
            return complete(context, unfinished)
        upgrade = plan_upgrade(context, service, tag or "latest", "roll")
        if upgrade is None:
            say(
                f"mfupgrade: nothing to roll: {service} runs its image "
                f"{tag or 'latest'} already. {BUILD_FIRST} {service}"
            )
            return 0
        return begin(context, upgrade)


def roll_all(context: UpgradeContext, wait: bool) -> int:
    """Complete what is under way, else upgrade each service that has a newer image."""
    with locked(context, "roll of all services", wait) as unfinished:
        if unfinished is not None:
            return complete(context, unfinished)
        begun = 0
        for service in sorted(context.instances.services()):
            upgrade = plan_upgrade(context, service, "latest", "roll")
            if upgrade is None:
                continue
            begun += 1
            if code := begin(context, upgrade):
                return code
        if not begun:
            say(
                "mfupgrade: nothing to roll: all run their latest image. "
                f"{BUILD_FIRST} all"
            )
    return 0


def rollback(context: UpgradeContext, service: str, wait: bool) -> int:
    """Return to the version before."""
    with locked_for(service, context, f"rollback of {service}", wait) as unfinished:
        if unfinished is not None and unfinished.command != "rollback":
            refuse(context, unfinished)
        if unfinished is not None:
            return complete(context, unfinished)
        upgrade = plan_rollback(context, service)
        if upgrade is None:
            say(f"mfupgrade: nothing to do: {service} runs that version already")
            return 0
        return begin(context, upgrade)


def abort(context: UpgradeContext, wait: bool) -> int:
    """Undo the upgrade that somebody has left unfinished."""
    with locked(context, "abort", wait) as unfinished:
        if unfinished is None:
            raise PlatformError(
                "no upgrade is under way, so there is nothing to abort. To return to "
                "the version before, use: mfupgrade rollback SERVICE"
            )
        runner = take_over(context, unfinished)
        if unfinished.mode != "undo" and unfinished.command != "abort":
            runner.undo()
        return run_to_end(runner, undo_is_success=True)


def begin(context: UpgradeContext, upgrade: Upgrade) -> int:
    """Do an upgrade from its beginning."""
    context.store.save(upgrade)
    if upgrade.ahead:
        say(messages.stepping(upgrade))
    say(messages.beginning(upgrade))
    return run_to_end(UpgradeRunner(context, upgrade, taken_over=False))


def complete(context: UpgradeContext, unfinished: Upgrade) -> int:
    """Go on with an upgrade that was left unfinished."""
    runner = take_over(context, unfinished)
    if unfinished.mode == "trial":
        runner.change(mode="roll", command="roll")
    return run_to_end(runner)


def take_over(context: UpgradeContext, unfinished: Upgrade) -> UpgradeRunner:
    """Say where an unfinished upgrade stands, and return what can go on with it."""
    runner = UpgradeRunner(context, unfinished, taken_over=True)
    say(messages.progress(unfinished, runner.observe()))
    return runner


def run_to_end(runner: UpgradeRunner, undo_is_success: bool = False) -> int:
    """Run an upgrade to its end, over all that lies between; return the exit code."""
    code = 0
    while True:
        _run(runner)
        following = plan_next(runner.context, runner.upgrade)
        outcome = runner.finish(following)
        is_success = outcome == "rolled" or undo_is_success
        _tell(runner, outcome, is_success)
        code = code if is_success else 1
        if following is None:
            return code
        say(f"It goes on. {messages.beginning(following)}")
        runner = UpgradeRunner(runner.context, following, taken_over=False)


def _run(runner: UpgradeRunner) -> None:
    try:
        runner.run()
    except KeyboardInterrupt:
        say(f"\nInterrupted. {messages.progress(runner.upgrade, runner.observe())}")
        say(messages.WAYS_OUT)
        raise


def _tell(runner: UpgradeRunner, outcome: str, is_success: bool) -> None:
    told = messages.outcome(runner.upgrade, outcome, runner.observe().instances)
    if is_success:
        print(told, flush=True)
        return
    say(f"mfupgrade: {told}. Why: {runner.upgrade.reason or 'somebody aborted it'}")
    if runner.log:
        say(f"The last lines of its log:\n{runner.log}")
