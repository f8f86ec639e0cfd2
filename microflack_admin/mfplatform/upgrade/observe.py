"""Look at the instances of a service again and again, and remember what was seen."""

import time

from mfplatform.state import lb_state
from mfplatform.upgrade.counters import Counters
from mfplatform.upgrade.runtime import Runtime
from mfplatform.upgrade.state import Seen
from microflack_common.registry import Registry


class Watcher:
    """The eyes of one upgrade."""

    def __init__(
        self, registry: Registry, runtime: Runtime, counters: Counters, service: str
    ) -> None:
        self._registry = registry
        self._runtime = runtime
        self._counters = counters
        self._service = service
        self._first: dict[str, float] = {}
        self._ready: dict[str, float] = {}
        self._last: dict[str, float] = {}
        self._pids: dict[str, int | None] = {}

    def look(self) -> Seen:
        """Return what there is now."""
        instances = self._runtime.instances(self._service)
        routes, _ = lb_state.read(self._registry)
        found = {i.name: routes.state(self._service, i.name) for i in instances}
        states = {name: state for name, state in found.items() if state}
        now = time.monotonic()
        for one in instances:
            self._first.setdefault(one.name, now)
            if states.get(one.name) == "ready":
                self._ready.setdefault(one.name, now)
                self._pids.setdefault(one.name, one.pid)
                self._last[one.name] = now
        counts = self._counters.read(self._service, states)
        return Seen(
            *(instances, states, counts, self._first),
            *(self._ready, self._last, self._pids),
        )
