"""Have the parts of the platform back that what runs them does not bring back.

That starts again whatever dies, and does not see that something only stands still
(stopped by a signal, or paused), nor want back what somebody has stopped by other means
than our commands. A thread of the caretaker sees to both. It needs nothing that could
be away itself, neither the registry nor the lock.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator

from mfplatform.commands.list import NOT_THERE
from mfplatform.runtime.base import Runtime
from mfplatform.state import audit, care, process_tree
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.parts import PartSpec
from mfplatform.state.patience import Starvation, moved_on, slowness_now

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
# Asking the runtime costs more than looking at processes that are known. It is asked at
# once when one of these is gone.
ASK_SECONDS = 15.0
STILL, STOPPED = "stands still", "has no process"
# Whoever copies the memory of a process holds it for a moment only; and mfup stops what
# is to have other settings, which takes longer on a machine that is busy.
PERSISTS_SECONDS = {STILL: 3.0, STOPPED: 5.0}
Finding = tuple[str, str]


class PartKeeper:
    """Looks at the processes of all parts, and remembers since when one is away.

    :param acts: whether it does something, or only says that it would.
    :param measure: returns what ``slowness_now`` does.
    """

    def __init__(
        self,
        home: Home,
        runtime: Runtime,
        acts: bool,
        measure: Callable[[], float] = slowness_now,
    ) -> None:
        self._home = home
        self._runtime = runtime
        self._acts = acts
        self._starvation = Starvation(measure)
        # Of each part that has run the process, 0 when it has none.
        self._pids: dict[str, int] = {}
        self._asked_at = float("-inf")
        self._since: dict[Finding, float] = {}

    def start(self) -> None:
        """Look for ever, beside all else."""
        threading.Thread(target=self._run, name="parts", daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                self.look(time.monotonic())
            except (PlatformError, OSError) as error:
                log.warning("Parts that are away may not come back: %s", error)
            time.sleep(LOOK_SECONDS)

    def look(self, now: float) -> None:
        """Look once, and do what is to be done.

        :param now: the monotonic clock, in seconds.
        :raises PlatformError: the runtime does not answer, or cannot do it.
        """
        parts = self._runtime.parts()
        wanted = {one.name: one for one in parts if one.is_wanted(self._home)}
        self._pids = {name: pid for name, pid in self._pids.items() if name in wanted}
        self._ask(wanted, now)
        lost = self._starvation.lost_seconds()
        slower = {one: at for one, at in self._since.items() if one[1] == STOPPED}
        before = self._since | moved_on(slower, lost, now)
        self._since = {one: before.get(one, now) for one in self._findings()}
        for (name, what), since in list(self._since.items()):
            if now - since >= PERSISTS_SECONDS[what]:
                # Nor is it tried again at once if that does not help.
                self._since[name, what] = now
                self._mend(wanted[name], what)

    def _ask(self, wanted: dict[str, PartSpec], now: float) -> None:
        """Have the processes of what has run."""
        are_there = all(pid and process_tree.tree(pid) for pid in self._pids.values())
        if now - self._asked_at < ASK_SECONDS and are_there:
            return
        states, self._asked_at = self._runtime.states(), now
        for name in wanted:
            state = states.get(name, NOT_THERE)
            # What is started again by itself has not stopped.
            has_stopped = name in self._pids and state["state"] == "stopped"
            if state["pid"] or has_stopped:
                self._pids[name] = state["pid"] or 0

    def _findings(self) -> Iterator[Finding]:
        for name, pid in self._pids.items():
            if not pid:
                yield name, STOPPED
            elif process_tree.stands_still(pid):
                yield name, STILL

    def _mend(self, part: PartSpec, what: str) -> None:
        why = f"{part.name} {what}"
        if not self._acts:
            log.info("It would mend that: %s", why)
            return
        if what == STILL:
            self._runtime.thaw(part.name)
        elif not self._start(part):
            return
        log.warning("%s: it was brought back", why)
        audit.write(self._home, f"bring back {part.name}", care.PART, "done", why=why)

    def _start(self, part: PartSpec) -> bool:
        """Start a part, unless mfup or mfdown is at it."""
        with self._home.locked("up", waits=False) as is_free:
            if is_free:
                part.before_start(self._home, False)
                self._runtime.start_part(part)
            return is_free
