"""Observe the instances of a service again and again, and remember what was seen."""

import time

from mfplatform.state import lb_state
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
    ) -> None:
        self._registry = registry
        self._instances = instances
        self._counters = counters
        self._service = service
        self._first_seen: dict[str, float] = {}
        self._ready_since: dict[str, float] = {}
        self._last_ready: dict[str, float] = {}
        self._ready_pids: dict[str, int | None] = {}

    def observe(self) -> Observation:
        """Return what there is now; RegistryError if the registry is away."""
        instances = self._instances.instances(self._service)
        balancer, _ = lb_state.read(self._registry)
        states = {i.name: balancer.state(self._service, i.name) for i in instances}
        routed = {name: state for name, state in states.items() if state}
        now = time.monotonic()
        for instance in instances:
            self._first_seen.setdefault(instance.name, now)
            if routed.get(instance.name) == "ready":
                self._ready_since.setdefault(instance.name, now)
                self._ready_pids.setdefault(instance.name, instance.pid)
                self._last_ready[instance.name] = now
        return Observation(
            instances,
            routed,
            counts=self._counters.read(self._service, routed),
            first_seen=self._first_seen,
            ready_since=self._ready_since,
            last_ready=self._last_ready,
            ready_pids=self._ready_pids,
        )
