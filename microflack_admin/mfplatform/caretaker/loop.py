"""Keep as many instances serving as are wanted.

    python -m mfplatform.caretaker.loop

Each pass reads what is wanted, looks at the instances, has ``decide`` compare, and does
the first thing that is to be done. It does so while it holds the lock of upgrades, so
that one caretaker acts at a time, and none beside an upgrade; whichever has it looks
again first. It may die at any moment: what it knew can be seen again.
"""

import logging
import os
import signal
import sys
import time
from types import FrameType

from mfplatform.backup.nightly import Nightly
from mfplatform.caretaker import guard
from mfplatform.caretaker.actions import Action, RollBack
from mfplatform.caretaker.apply import Hands
from mfplatform.caretaker.decide import decide
from mfplatform.caretaker.observe import CareObserver
from mfplatform.caretaker.part_keeper import PartKeeper
from mfplatform.caretaker.state import Seen
from mfplatform.caretaker.store import NOT_DONE
from mfplatform.caretaker.watch import Watch
from mfplatform.runtime import base
from mfplatform.state import care, metrics, wishes
from mfplatform.state.home import Home, PlatformError, write_private
from mfplatform.upgrade.actions import Limits
from mfplatform.upgrade.context import context_of
from microflack_common.log_lines import LineFormatter, configure
from microflack_common.registry import RegistryError

log = logging.getLogger(__name__)

# From one look to the next: when all is well, while a number follows the load, and
# while something is wrong or nobody can tell.
IDLE_SECONDS = 2.0
FOLLOWING_SECONDS = 1.0
BUSY_SECONDS = 0.5


class Caretaker:
    """The loop around ``decide``, and what it remembers from pass to pass."""

    def __init__(self, home: Home, mode: str, max_memory: int, hook: str = "") -> None:
        runtime = base.create(home)
        self._home, self._runtime = home, runtime
        self._context = context_of(home, runtime, Limits())
        self._observer = CareObserver(home, runtime, self._context, max_memory)
        self._hands = Hands(home, runtime, self._context)
        self._mode = mode
        registry = self._context.registry
        self._watch = Watch(home, runtime, registry, hook) if hook else None
        self._nightly = Nightly(home, variables=runtime.variables)
        self._told: list[Action] = []
        self._problem = ""

    def keep_parts(self) -> None:
        """Have the parts of the platform back that are away, besides."""
        if self._mode != care.OFF:
            PartKeeper(self._home, self._runtime, self._mode == care.ON).start()

    def serve_figures(self) -> None:
        """Tell figures to whoever asks for them, besides."""
        # Only here: most platforms do without what it needs.
        from mfplatform.metrics import server

        server.serve(self._home, self._runtime, self._context.registry)

    def look(self) -> float:
        """Make one pass; return for how many seconds nothing is to be done."""
        pause, problem = IDLE_SECONDS, ""
        try:
            if self._mode != care.OFF:
                pause = self._look()
        except (RegistryError, PlatformError, OSError) as error:
            pause, problem = BUSY_SECONDS, f"It cannot look: {error}"
        try:
            if self._watch is not None:
                self._watch.look()
        except (PlatformError, OSError) as error:
            problem = f"It does not know what to tell: {error}"
        try:
            self._nightly.look()
        except OSError as error:
            problem = f"It cannot make a backup: {error}"
        self._set_problem(problem)
        return pause

    def _look(self) -> float:
        seen, actions = self._decide()
        if self._mode == care.DRY_RUN:
            self._tell(actions)
        elif actions:
            self._act(actions[0])
        if seen.since:
            return BUSY_SECONDS
        return FOLLOWING_SECONDS if seen.loads else IDLE_SECONDS

    def _decide(self) -> tuple[Seen, list[Action]]:
        wanted = wishes.read_all(self._context.registry)
        seen = self._observer.observe(wanted) if wanted else Seen({})
        return seen, decide(wanted, seen, time.monotonic())

    def _act(self, action: Action) -> None:
        """Do the first thing that is still to be done once nobody else is at work."""
        if isinstance(action, RollBack):
            # That is an upgrade, and takes the lock itself.
            self._hands.apply(action)
            return
        if self._context.lock.acquire(f"caretaker: {action.command}", brief=True):
            return
        try:
            _, actions = self._decide()
            if actions and not isinstance(actions[0], RollBack):
                self._hands.apply(actions[0])
        finally:
            self._context.lock.release()

    def _tell(self, actions: list[Action]) -> None:
        """Write down what would be done, once."""
        known = [(one.service, one.command) for one in self._told]
        for action in actions:
            if (action.service, action.command) not in known:
                log.info("It would: %s: %s", action.command, action.why)
                self._hands.note(action, time.time(), NOT_DONE, "")
        self._told = actions

    def _set_problem(self, problem: str) -> None:
        """Log a problem when it begins and when it ends."""
        if problem and not self._problem:
            log.warning("%s", problem)
        elif self._problem and not problem:
            log.info("It can look again.")
        self._problem = problem


def main() -> int:
    """Work until the process is told to end."""
    guard.start()
    configure(LineFormatter(care.PART, care.PART))
    signal.signal(signal.SIGTERM, _finish)
    home = Home.here()
    # What it calls has no use for these, and the hook may be a secret.
    mode, maximum, hook = (
        os.environ.pop(name) for name in (care.CARETAKER, care.MAX_MEMORY, care.HOOK)
    )
    caretaker = Caretaker(home, mode, int(maximum) * 1_000_000, hook)
    if os.environ.pop(metrics.SETTING, metrics.OFF) == metrics.ON:
        caretaker.serve_figures()
    caretaker.keep_parts()
    while True:
        pause = caretaker.look()
        write_private(care.state_file(home), "")
        time.sleep(pause)


def _finish(number: int, frame: FrameType | None) -> None:
    # At once: whatever is half done, the next one finds and completes.
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
