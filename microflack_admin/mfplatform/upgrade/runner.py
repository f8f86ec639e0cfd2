"""Carry an upgrade out: look, decide, do, until nothing is left to do."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from mfplatform.state.home import PlatformError
from mfplatform.upgrade import decide as decision
from mfplatform.upgrade.counters import Counters
from mfplatform.upgrade.decide import Limits, Start, Stop, Undo, Wait, decide
from mfplatform.upgrade.lock import Lock
from mfplatform.upgrade.observe import Watcher
from mfplatform.upgrade.runtime import RunFailed, Runtime
from mfplatform.upgrade.state import Old, Seen, Upgrade
from mfplatform.upgrade.store import Store
from microflack_common.registry import Registry, RegistryError

PAUSE = 0.5
# What a killed predecessor was starting shows up within so long.
SETTLE = 3.0


def say(text: str) -> None:
    """Tell a person how it goes on."""
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Tools:
    """What an upgrade works with."""

    registry: Registry
    runtime: Runtime
    counters: Counters
    store: Store
    lock: Lock
    limits: Limits


class Engine:
    """The loop around ``decide`` for one upgrade."""

    def __init__(self, tools: Tools, upgrade: Upgrade, taken_over: bool) -> None:
        self.tools = tools
        self.upgrade = upgrade
        self.log = ""
        self.seen = Seen((), {})
        self._settled = time.monotonic() + (SETTLE if taken_over else 0)
        self._watcher = Watcher(
            tools.registry, tools.runtime, tools.counters, upgrade.service
        )

    def look(self) -> Seen:
        """Return what there is now."""
        self.seen = self._watcher.look()
        return self.seen

    def next(self, seen: Seen) -> decision.Action:
        """Return what is to be done now."""
        return decide(self.upgrade, seen, time.monotonic(), self.tools.limits)

    def drive(self) -> None:
        """Do all there is to do; Lost if the registry stays away meanwhile."""
        while True:
            self.tools.lock.check()
            try:
                seen = self.look()
                action = self.next(seen)
                if isinstance(action, decision.Done):
                    return
                self.do(action, seen)
            except RegistryError:
                # As long as the lock is surely ours it may come back.
                time.sleep(PAUSE)

    def do(self, action: decision.Action, seen: Seen) -> None:
        """Do one step."""
        match action:
            case Start() if time.monotonic() < self._settled:
                self._note("looking for what was begun")
                time.sleep(PAUSE)
            case Start(image, version, like):
                self._note(f"starting an instance of version {version}")
                self._start(image, _settings(seen, like), version)
            case Stop(name):
                self._remember(name, seen)
                self._note(f"stopping {name}")
                self.tools.runtime.kill(name)
                say(f"{name} is drained and stopped")
            case Undo(reason, name):
                self.undo(reason, "\n".join(self.tools.runtime.log(name)))
            case Wait(what):
                self._note(f"waiting for {what}")
                time.sleep(PAUSE)

    def undo(self, reason: str = "", log: str = "") -> None:
        """Turn round: from now on the old version is to be restored."""
        self.log = log
        if reason:
            say(f"{self.upgrade.version} is not good: {reason}. Going back.")
        self.change(mode="undo", reason=reason or self.upgrade.reason)

    def change(self, **values: object) -> None:
        """Change what is known of the upgrade, for everybody."""
        self.upgrade = replace(self.upgrade, **values)  # type: ignore[arg-type]
        self.tools.store.save(self.upgrade)

    def finish(self) -> str:
        """Move the upgrade to the history and return what became of it."""
        outcome = "rolled"
        if self.upgrade.mode == "undo":
            outcome = "stopped" if self.upgrade.reason else "aborted"
        self.tools.store.finish(self.upgrade, outcome, time.time())
        return outcome

    def _note(self, doing: str) -> None:
        if doing != self.upgrade.doing:
            self.change(doing=doing)

    def _start(self, image: str, settings: dict[str, str], version: str) -> None:
        upgrade, limits = self.upgrade, self.tools.limits
        run: Callable[..., str] = self.tools.runtime.run
        try:
            name = run(upgrade.service, image, settings, limits.within)
        except RunFailed as failed:
            if upgrade.mode == "undo":
                raise PlatformError(
                    f"version {version} cannot be brought back: {failed}. What serves "
                    "goes on. When that is mended, finish it with: mfupgrade abort"
                ) from failed
            self.undo(str(failed), failed.log)
        else:
            say(f"{name} ({version}) is ready and gets requests")

    def _remember(self, name: str, seen: Seen) -> None:
        """Keep what an old instance did, since HAProxy forgets it with the server."""

        def kept(one: Old) -> Old:
            if one.name != name or name not in seen.counts:
                return one
            return replace(one, did=seen.counts[name].since(one.before))

        self.upgrade = replace(
            self.upgrade, old=tuple(kept(one) for one in self.upgrade.old)
        )


def _settings(seen: Seen, like: str | None) -> dict[str, str]:
    for one in seen.instances:
        if one.name == like:
            return dict(one.settings)
    return {}
