"""Observe the instances of a service again and again, and remember what was seen."""

import time

from mfplatform.state import lb_state
from mfplatform.state.patience import Starvation, moved_on
from mfplatform.upgrade.counters import HAProxyCounters
from mfplatform.upgrade.instance_manager import InstanceManager
from mfplatform.upgrade.state import Observation
from microflack_common.registry import Registry


class Observer:
    """Asks for the instances, the load balancer and its counters, for one service."""

    def __init__(
        self,
        registry: Registry,
        instances: InstanceManager,
        counters: HAProxyCounters,
        service: str,
        starvation: Starvation | None = None,
    ) -> None:
        self._registry = registry
        self._instances = instances
        self._counters = counters
        self._service = service
        self._starvation = starvation or Starvation()
        self._first_seen: dict[str, float] = {}
        self._ready_since: dict[str, float] = {}
        self._last_ready: dict[str, float] = {}
        self._ready_pids: dict[str, int | None] = {}
        self._ready: set[str] = set()

    def observe(self) -> Observation:
        """Return what there is now; RegistryError if the registry is away."""
        instances = self._instances.instances(self._service)
        balancer, _ = lb_state.read(self._registry)
        states = {i.name: balancer.state(self._service, i.name) for i in instances}
        routed = {name: state for name, state in states.items() if state}
        now, lost = time.monotonic(), self._starvation.lost_seconds()
        # What others have taken from an instance is not held against it.
        self._first_seen = moved_on(self._first_seen, lost, now)
        self._last_ready = moved_on(self._last_ready, lost, now)
        # Between two looks an upgrade may have waited for something else for minutes:
        # what was ready at the last look is taken to have been so until this one.
        ready = {name for name, state in routed.items() if state == "ready"}
        self._last_ready |= dict.fromkeys(ready | self._ready, now)
        self._ready = ready
        for instance in instances:
            self._first_seen.setdefault(instance.name, now)
            if instance.name in ready:
                self._ready_since.setdefault(instance.name, now)
                self._ready_pids.setdefault(instance.name, instance.pid)
        return Observation(
            instances,
            routed,
            counts=self._counters.read(self._service, routed),
            first_seen=self._first_seen,
            ready_since=self._ready_since,
            last_ready=self._last_ready,
            ready_pids=self._ready_pids,
        )
