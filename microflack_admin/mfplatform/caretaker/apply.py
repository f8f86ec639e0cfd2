"""Do what was decided, with what `mfrun`, `mfkill` and `mfupgrade` do it with."""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace

from mfplatform.caretaker import store
from mfplatform.caretaker.actions import (
    Action,
    Recycle,
    RollBack,
    Scale,
    StartInstances,
    StopInstance,
)
from mfplatform.commands import reach, run
from mfplatform.runtime.base import Runtime
from mfplatform.state import audit, care, instances, wishes
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.instances import Instance
from mfplatform.state.probes import is_dead
from mfplatform.upgrade import commands
from mfplatform.upgrade.instance_manager import RunFailed
from mfplatform.upgrade.lock import LockLost
from mfplatform.upgrade.runner import UpgradeContext
from microflack_common.registry import RegistryError

log = logging.getLogger(__name__)


class Hands:
    """What the caretaker acts with."""

    def __init__(self, home: Home, runtime: Runtime, context: UpgradeContext) -> None:
        self._home = home
        self._runtime = runtime
        self._context = context

    def apply(self, action: Action) -> bool:
        """Do it, and write down what came of it; say whether it was done.

        :raises RegistryError: that cannot be written down.
        """
        log.info("%s: %s", action.command, action.why)
        began, problem = time.time(), ""
        try:
            problem = "; ".join(self._do(action))
        except (PlatformError, RunFailed, RegistryError, LockLost, OSError) as error:
            problem = str(error)
        if problem:
            log.error("%s has failed: %s", action.command, problem)
        self.note(action, began, store.FAILED if problem else store.DONE, problem)
        return not problem

    def note(self, action: Action, began: float, outcome: str, problem: str) -> None:
        """Write down what was done, in the registry and in the audit log."""
        entry = {
            "at": round(began, 3),
            "service": action.service,
            "kind": type(action).__name__,
            "command": action.command,
            "why": action.why,
            "outcome": outcome,
            "problem": problem,
        }
        try:
            seconds = round(time.time() - began)
            audit.write(
                self._home,
                action.command,
                care.PART,
                outcome,
                why=action.why,
                seconds=seconds,
            )
        except OSError as error:
            log.error("The audit log cannot be written: %s", error)
        store.add(self._context.registry, entry)

    def _do(self, action: Action) -> Sequence[str]:
        """Do it; return what went wrong."""
        match action:
            case StartInstances(service, number):
                return reach.start(self._home, self._runtime, service, number)
            case Scale(service, number):
                return self._scale(service, number)
            case StopInstance(_, name):
                self._context.instances.kill(name)
            case Recycle(_, name, _, silent_seconds):
                self._recycle(name, silent_seconds)
            case RollBack(service):
                if commands.rollback(self._context, service, wait=False):
                    return ["the release before does not come: see the log"]
        return []

    def _scale(self, service: str, number: int) -> Sequence[str]:
        with wishes.changing(self._home) as registry:
            wish = wishes.read(registry, service)
            if wish is None or not wish.least <= number <= wish.most:
                return [f"another number of {service} is wanted by now"]
            wished = replace(wish, instances=number, since=time.time())
            wishes.write(registry, service, wished)
        return reach.reach(self._home, self._runtime, service, number)

    def _recycle(self, name: str, silent_seconds: float) -> None:
        every = instances.all_instances(self._home)
        one = next((one for one in every if one.name == name), None)
        if one is None:
            return
        other = self._context.instances.run(
            one.service, one.image, one.settings, run.READY_TIMEOUT_SECONDS
        )
        if silent_seconds and not self._is_dead(one, silent_seconds):
            # Then there is one too many, which is seen to like any other.
            log.info("%s answers again, and stays", name)
            return
        log.info("%s takes the place of %s", other, name)
        self._context.instances.kill(name)

    def _is_dead(self, instance: Instance, silent_seconds: float) -> bool:
        address = f"{self._runtime.host_of(instance.name)}:{instance.port}"
        return is_dead(address, "/healthz", silent_seconds)
