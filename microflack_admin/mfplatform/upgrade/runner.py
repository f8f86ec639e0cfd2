"""Run an upgrade: observe, decide, apply, until nothing is left to do."""

import sys
import time
from dataclasses import dataclass, replace

from mfplatform.state.home import PlatformError
from mfplatform.upgrade.actions import (
    Action,
    Done,
    Limits,
    StartInstance,
    StopInstance,
    Undo,
    Wait,
)
from mfplatform.upgrade.counters import HAProxyCounters
from mfplatform.upgrade.decide import decide
from mfplatform.upgrade.instance_manager import InstanceManager, RunFailed
from mfplatform.upgrade.lock import UpgradeLock
from mfplatform.upgrade.observe import Observer
from mfplatform.upgrade.state import Observation, OldInstance, Upgrade
from mfplatform.upgrade.store import UpgradeStore
from microflack_common.registry import Registry, RegistryError

POLL_SECONDS = 0.5
# What a killed predecessor was starting is seen within so long.
TAKEOVER_SECONDS = 3.0


def say(text: str) -> None:
    """Tell a person how it goes on."""
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class UpgradeContext:
    """What an upgrade works with."""

    registry: Registry
    instances: InstanceManager
    counters: HAProxyCounters
    store: UpgradeStore
    lock: UpgradeLock
    limits: Limits


class UpgradeRunner:
    """The loop around ``decide`` for one upgrade."""

    def __init__(
        self, context: UpgradeContext, upgrade: Upgrade, taken_over: bool
    ) -> None:
        self.context = context
        self.upgrade = upgrade
        # The last lines of an instance that failed.
        self.log = ""
        self.seen = Observation((), {})
        self._settled_at = time.monotonic() + (TAKEOVER_SECONDS if taken_over else 0)
        self._observer = Observer(
            context.registry, context.instances, context.counters, upgrade.service
        )

    def run(self) -> None:
        """Take step after step until nothing is left to do.

        :raises LockLost: the registry was away for too long.
        :raises PlatformError: the old version cannot be brought back.
        """
        while True:
            self.context.lock.check()
            try:
                self.observe()
                action = self.next_action()
                if isinstance(action, Done):
                    return
                self.apply(action)
            except RegistryError:
                # As long as the lock is surely ours it may come back.
                time.sleep(POLL_SECONDS)

    def observe(self) -> Observation:
        """Return what there is now; RegistryError if the registry is away."""
        self.seen = self._observer.observe()
        return self.seen

    def next_action(self) -> Action:
        """Return what is to be done after the last observation."""
        return decide(self.upgrade, self.seen, time.monotonic(), self.context.limits)

    def apply(self, action: Action) -> None:
        """Take one step."""
        match action:
            case StartInstance() if time.monotonic() < self._settled_at:
                self._note("looking for what was begun")
                time.sleep(POLL_SECONDS)
            case StartInstance():
                self._start(action)
            case StopInstance(name):
                self._stop(name)
            case Undo(reason, name):
                self.undo(reason, "\n".join(self.context.instances.log(name)))
            case Wait(event):
                self._note(f"waiting for {event}")
                time.sleep(POLL_SECONDS)

    def undo(self, reason: str = "", log: str = "") -> None:
        """Turn round: from now on the old version is to be restored."""
        self.log = log
        if reason:
            say(f"{self.upgrade.version} is not good: {reason}. Going back.")
        self.change(mode="undo", reason=reason or self.upgrade.reason)

    def change(self, **values: object) -> None:
        """Change what is known of the upgrade, for everybody."""
        self.upgrade = replace(self.upgrade, **values)  # type: ignore[arg-type]
        self.context.store.save(self.upgrade)

    def finish(self, following: Upgrade | None) -> str:
        """Move the upgrade to the history and return its outcome."""
        outcome = "rolled"
        if self.upgrade.mode == "undo":
            outcome = "stopped" if self.upgrade.reason else "aborted"
        self.context.store.finish(self.upgrade, outcome, time.time(), following)
        return outcome

    def _note(self, doing: str) -> None:
        if doing != self.upgrade.doing:
            self.change(doing=doing)

    def _start(self, action: StartInstance) -> None:
        version, limits = action.version, self.context.limits
        self._note(f"starting an instance of version {version}")
        settings = self._settings_of(action.like)
        try:
            name = self.context.instances.run(
                self.upgrade.service, action.image, settings, limits.ready_seconds
            )
        except RunFailed as failed:
            if self.upgrade.mode == "undo":
                raise PlatformError(
                    f"version {version} cannot be brought back: {failed}. What serves "
                    "goes on. When that is mended, finish it with: mfupgrade abort"
                ) from failed
            self.undo(str(failed), failed.log)
        else:
            say(f"{name} ({version}) is ready and gets requests")

    def _settings_of(self, name: str | None) -> dict[str, str]:
        for one in self.seen.instances:
            if one.name == name:
                return dict(one.settings)
        return {}

    def _stop(self, name: str) -> None:
        self._keep_counts(name)
        self._note(f"stopping {name}")
        self.context.instances.kill(name)
        say(f"{name} is drained and stopped")

    def _keep_counts(self, name: str) -> None:
        """Keep what an old instance did, since HAProxy forgets it with the server."""
        if name not in self.seen.counts:
            return
        counts = self.seen.counts[name]

        def with_counts(one: OldInstance) -> OldInstance:
            if one.name != name:
                return one
            since_then = counts.since(one.counts_before)
            return replace(one, counts_while_upgrading=since_then)

        old = tuple(with_counts(one) for one in self.upgrade.old)
        self.upgrade = replace(self.upgrade, old=old)
