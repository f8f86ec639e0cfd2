"""A trial: one instance of a new version beside the old ones, for people to watch."""

import time

from mfplatform.state.home import PlatformError
from mfplatform.upgrade import messages
from mfplatform.upgrade.commands import BUILD, conclude
from mfplatform.upgrade.decide import Undo
from mfplatform.upgrade.locking import enter, free, refuse
from mfplatform.upgrade.plan import plan
from mfplatform.upgrade.runner import Engine, Tools, say
from mfplatform.upgrade.state import Upgrade, new
from microflack_common.registry import RegistryError

PAUSE = 1.0
# So many lines of its log are shown at a time.
LINES = 8
GOES_ON = "The trial goes on. Complete it with: mfupgrade roll. End it: mfupgrade abort"


def attempt(tools: Tools, service: str, tag: str, wait: bool, watch: float) -> int:
    """Start a trial, or look at the one under way, and watch it for a while."""
    engine = None
    try:
        with free(tools, f"trial of {service}", wait, service) as left:
            engine = _engine(tools, service, tag, left)
            code = _until_ready(engine)
        code = _watch(engine, watch) if code is None else code
    except KeyboardInterrupt:
        if engine is None or engine.upgrade.mode != "trial":
            raise
        say("")
        code = None
    if code is not None:
        return code
    print(messages.judgement(engine.upgrade, engine.seen), flush=True)
    say(GOES_ON)
    return 0


def _engine(tools: Tools, service: str, tag: str, left: Upgrade | None) -> Engine:
    if left is None:
        return _begin(tools, service, tag or "latest")
    other = tag and tools.runtime.image(service, tag)[0] != left.image
    if left.mode != "trial" or other:
        refuse(tools, left)
    engine = Engine(tools, left, taken_over=True)
    say(messages.standing(left, engine.look()))
    return engine


def _begin(tools: Tools, service: str, tag: str) -> Engine:
    upgrade = plan(tools, service, tag, "try", "trial")
    if upgrade is None:
        raise PlatformError(
            f"there is nothing to try: {service} runs its image {tag} already. "
            f"{BUILD} {service}"
        )
    tools.store.save(upgrade)
    return Engine(tools, upgrade, taken_over=False)


def _until_ready(engine: Engine) -> int | None:
    """Have the new instance run; return an exit code if nothing came of it."""
    try:
        engine.drive()
    except KeyboardInterrupt:
        engine.undo()
        conclude(engine, wished=True)
        raise
    return conclude(engine) if engine.upgrade.mode == "undo" else None


def _watch(engine: Engine, seconds: float) -> int | None:
    """Show how it does; return an exit code if the trial is over before the time."""
    # Without the lock: another shell may complete or end the trial meanwhile.
    end, last = time.monotonic() + seconds, ""
    while time.monotonic() < end:
        time.sleep(PAUSE)
        try:
            current = engine.tools.store.current()
            if current is None or current.since != engine.upgrade.since:
                return _ended(engine)
            if current.mode != "trial":
                say("The trial is being completed or ended by another shell.")
                return 0
            action = engine.next(engine.look())
        except RegistryError:
            # What is tried goes on all the same.
            continue
        if isinstance(action, Undo):
            return _stop(engine, action)
        last = _show(engine, last)
        say(messages.comparison(engine.upgrade, engine.seen))
    return None


def _ended(engine: Engine) -> int:
    history = engine.tools.store.history()
    mine = [one for one in history if one["since"] == engine.upgrade.since]
    outcome = mine[-1]["outcome"] if mine else "ended"
    say(f"{engine.upgrade.title}: {outcome} by another shell.")
    return 0


def _stop(engine: Engine, action: Undo) -> int:
    """End a trial of a version that is not good, unless somebody else is at it."""
    enter(engine.tools, f"end of the trial of {engine.upgrade.service}", wait=True)
    try:
        current = engine.tools.store.current()
        if current is None or current.mode != "trial":
            return _ended(engine)
        engine.do(action, engine.seen)
        return conclude(engine)
    finally:
        engine.tools.lock.release()


def _show(engine: Engine, last: str) -> str:
    """Show what the new instance has logged since the last line shown."""
    for one in new(engine.upgrade, engine.seen):
        lines = messages.unseen(engine.tools.runtime.log(one.name, 100), last)
        if len(lines) > LINES:
            say(f"... {len(lines) - LINES} more lines, see: mflogs {one.name}")
        for line in lines[-LINES:]:
            say(line)
        last = lines[-1] if lines else last
    return last
