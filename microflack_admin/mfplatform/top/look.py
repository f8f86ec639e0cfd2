"""Look at the platform again and again, and remember what it did between."""

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mfplatform.commands import status
from mfplatform.runtime.base import Runtime
from mfplatform.state import disk
from mfplatform.state.home import Home
from mfplatform.top.figures import Rates, rates
from mfplatform.upgrade.compare import Counts
from mfplatform.upgrade.counters import HAProxyCounters
from mfplatform.upgrade.store import UpgradeStore
from microflack_common.registry import Registry, RegistryError

# Looks that a sparkline shows.
REMEMBERED = 30
WAYS = {"trial": "Trial of", "roll": "Roll of", "undo": "Undoing"}


@dataclass(frozen=True)
class ServiceRow:
    """One service, and what it does.

    ``names`` are its instances, the oldest first, ``ready`` is how many of them get
    requests, ``at_once`` how many requests and connections they have at this moment,
    and ``history`` their requests a second, the newest last.
    """

    name: str
    versions: tuple[str, ...]
    names: tuple[str, ...]
    ready: int
    at_once: int
    rates: Rates
    history: tuple[float, ...] = ()


@dataclass(frozen=True)
class Look:
    """One look: ``disk_used`` is from 0 to 1, ``troubles`` say what is wrong."""

    url: str
    disk_used: float
    services: tuple[ServiceRow, ...]
    upgrade: str = ""
    troubles: tuple[str, ...] = ()


class Looker:
    """Makes looks; each shows what happened since the one before."""

    def __init__(self, home: Home, runtime: Runtime) -> None:
        self._home = home
        self._runtime = runtime
        self._counters = HAProxyCounters(home)
        self._store = UpgradeStore(Registry(home.etcd))
        self._counts: dict[str, dict[str, Counts]] = {}
        self._looked_at = time.monotonic()
        self._history: dict[str, deque[float]] = {}

    def look(self) -> Look:
        """Return what there is; raise PlatformError when no platform is running."""
        found = status.seen(self._home, self._runtime)
        at_services = self._counters.at_services()
        now = time.monotonic()
        seconds, self._looked_at = now - self._looked_at, now
        names = sorted({one["service"] for one in found["instances"]})
        rows = tuple(
            self._row(name, found["instances"], seconds, at_services.get(name, 0))
            for name in names
        )
        troubles = (*_troubles(found["parts"]), *filter(None, [found["problem"]]))
        disk_used = disk.used_share(self._home.path)
        return Look(self._home.url, disk_used, rows, self._upgrade(), troubles)

    def _row(
        self,
        service: str,
        instances: Iterable[dict[str, Any]],
        seconds: float,
        at_once: int,
    ) -> ServiceRow:
        own = [one for one in instances if one["service"] == service]
        counts = self._counters.read(service, [one["instance"] for one in own])
        added = rates(self._counts.get(service, {}), counts, seconds)
        self._counts[service] = counts
        history = self._history.setdefault(service, deque(maxlen=REMEMBERED))
        history.append(added.requests)
        return ServiceRow(
            service,
            tuple(sorted({str(one["version"] or "?") for one in own})),
            tuple(one["instance"] for one in sorted(own, key=_age)),
            sum(one["routed"] == "ready" for one in own),
            at_once,
            added,
            tuple(history),
        )

    def _upgrade(self) -> str:
        try:
            current = self._store.current()
        except RegistryError:
            return ""
        if current is None:
            return ""
        return f"{WAYS[current.mode]} {current.title}: {current.doing or 'begun'}"


def _age(instance: dict[str, Any]) -> float:
    # One that others have registered tells no start.
    return float(instance["since"] or 0)


def _troubles(parts: Iterable[dict[str, Any]]) -> Iterable[str]:
    """Return what does not work, a few words each."""
    return (
        f"{one['name']}: {one['state']}" for one in parts if one["state"] != "running"
    )
