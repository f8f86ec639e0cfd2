"""The verbs of mfupgrade that change something at once: roll, abort and rollback."""

from mfplatform.state.home import PlatformError
from mfplatform.upgrade import messages
from mfplatform.upgrade.locking import free, locked, refuse
from mfplatform.upgrade.plan import plan, plan_back
from mfplatform.upgrade.runner import Engine, Tools, say
from mfplatform.upgrade.state import Upgrade

BUILD = "Build a newer one first: mfbuild"


def roll(tools: Tools, service: str, tag: str, wait: bool) -> int:
    """Upgrade a service: complete its trial, or do all of it."""
    with free(tools, f"roll of {service}", wait, service) as left:
        if left is not None:
            if tag and tools.runtime.image(service, tag)[0] != left.image:
                refuse(tools, left)
            return complete(tools, left)
        upgrade = plan(tools, service, tag or "latest", "roll")
        if upgrade is None:
            say(
                f"mfupgrade: nothing to roll: {service} runs its image "
                f"{tag or 'latest'} already. {BUILD} {service}"
            )
            return 0
        return begin(tools, upgrade)


def roll_all(tools: Tools, wait: bool) -> int:
    """Complete what is under way, else upgrade each service that has a newer image."""
    with locked(tools, "roll of all services", wait) as left:
        if left is not None:
            return complete(tools, left)
        done = 0
        for service in sorted(tools.runtime.services()):
            upgrade = plan(tools, service, "latest", "roll")
            if upgrade is None:
                continue
            done += 1
            if code := begin(tools, upgrade):
                return code
        if not done:
            say(f"mfupgrade: nothing to roll: all run their latest image. {BUILD} all")
    return 0


def rollback(tools: Tools, service: str, wait: bool) -> int:
    """Return to the version before."""
    with free(tools, f"rollback of {service}", wait, service) as left:
        if left is not None and left.command != "rollback":
            refuse(tools, left)
        if left is not None:
            return complete(tools, left)
        upgrade = plan_back(tools, service)
        if upgrade is None:
            say(f"mfupgrade: nothing to do: {service} runs that version already")
            return 0
        return begin(tools, upgrade)


def abort(tools: Tools, wait: bool) -> int:
    """Undo the upgrade that somebody has left."""
    with locked(tools, "abort", wait) as left:
        if left is None:
            raise PlatformError(
                "no upgrade is under way, so there is nothing to abort. To return to "
                "the version before, use: mfupgrade rollback SERVICE"
            )
        engine = Engine(tools, left, taken_over=True)
        say(messages.standing(left, engine.look()))
        if left.mode != "undo":
            engine.undo()
        return conclude(engine, wished=True)


def begin(tools: Tools, upgrade: Upgrade) -> int:
    """Do an upgrade from its beginning."""
    tools.store.save(upgrade)
    say(f"{upgrade.title}: {len(upgrade.old)} instances to be replaced")
    return conclude(Engine(tools, upgrade, taken_over=False))


def complete(tools: Tools, left: Upgrade) -> int:
    """Go on with an upgrade that was left."""
    engine = Engine(tools, left, taken_over=True)
    say(messages.standing(left, engine.look()))
    if left.mode == "trial":
        engine.change(mode="roll", command="roll")
    return conclude(engine)


def conclude(engine: Engine, wished: bool = False) -> int:
    """Carry it out to its end, tell the outcome and return the exit code."""
    try:
        engine.drive()
    except KeyboardInterrupt:
        say(f"\nInterrupted. {messages.standing(engine.upgrade, engine.look())}")
        say(messages.WAYS_OUT)
        raise
    what = engine.finish()
    serving = engine.look().instances
    if what == "rolled" or wished:
        print(messages.outcome(engine.upgrade, what, serving), flush=True)
        return 0
    reason = engine.upgrade.reason or "somebody aborted it"
    say(f"mfupgrade: {messages.outcome(engine.upgrade, what, serving)}. Why: {reason}")
    if engine.log:
        say(f"The last lines of its log:\n{engine.log}")
    return 1
