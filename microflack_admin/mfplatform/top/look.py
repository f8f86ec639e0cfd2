"""Look at the platform again and again, and remember what it did between."""

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mfplatform.caretaker import store
from mfplatform.caretaker.loads import STICKY
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
# What the caretaker did last.
SHOWN_ACTIONS = 8
WAYS = {"trial": "Trial of", "roll": "Roll of", "undo": "Undoing"}


@dataclass(frozen=True)
class InstanceRow:
    """One instance; ``since`` and ``restarts`` are None where others started it."""

    name: str
    version: str
    health: str
    routed: str
    since: float | None = None
    restarts: int | None = None


@dataclass(frozen=True)
class ServiceRow:
    """One service, and what it does.

    ``instances`` are there with the oldest first, ``ready`` is how many of them get
    requests, ``at_once`` how many requests and connections they have at this moment,
    ``clients`` how many of these are clients that stay (None if they do not), and
    ``history`` their requests a second, the newest last.
    """

    name: str
    versions: tuple[str, ...]
    instances: tuple[InstanceRow, ...]
    ready: int
    at_once: int
    rates: Rates
    history: tuple[float, ...] = ()
    clients: int | None = None

    @property
    def restarts(self) -> int:
        """How often its instances died and were started again."""
        return sum(one.restarts or 0 for one in self.instances)


@dataclass(frozen=True)
class CareRow:
    """Something that the caretaker did: ``at`` Unix seconds, and why."""

    at: float
    command: str
    why: str
    outcome: str
    problem: str


@dataclass(frozen=True)
class Look:
    """One look: ``disk_used`` is from 0 to 1, ``troubles`` say what is wrong.

    ``upgrade`` says what is under way and who does it, ``care`` has the newest last.
    """

    url: str
    disk_used: float
    services: tuple[ServiceRow, ...]
    upgrade: str = ""
    troubles: tuple[str, ...] = ()
    care: tuple[CareRow, ...] = ()


class Looker:
    """Makes looks; each shows what happened since the one before."""

    def __init__(self, home: Home, runtime: Runtime) -> None:
        self._home = home
        self._runtime = runtime
        self._counters = HAProxyCounters(home)
        self._registry = Registry(home.etcd)
        self._store = UpgradeStore(self._registry)
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
        upgrade, care = self._upgrade(), self._care()
        return Look(self._home.url, disk_used, rows, upgrade, troubles, care)

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
            tuple(map(_instance, sorted(own, key=_age))),
            sum(one["routed"] == "ready" for one in own),
            at_once,
            added,
            tuple(history),
            at_once if self._is_sticky(service) else None,
        )

    def _is_sticky(self, service: str) -> bool:
        try:
            key = f"/services/{service}/backend/balance"
            return self._registry.get(key) == STICKY
        except RegistryError:
            return False

    def _care(self) -> tuple[CareRow, ...]:
        try:
            last = store.entries(self._registry)[-SHOWN_ACTIONS:]
        except RegistryError:
            return ()
        names = CareRow.__dataclass_fields__
        return tuple(CareRow(**{name: one[name] for name in names}) for one in last)

    def _upgrade(self) -> str:
        try:
            current = self._store.current()
        except RegistryError:
            return ""
        if current is None:
            return ""
        way, doing = WAYS[current.mode], current.doing or "begun"
        return f"{way} {current.title}, by {current.by}: {doing}"


def _age(instance: dict[str, Any]) -> float:
    # One that others have registered tells no start.
    return float(instance["since"] or 0)


def _instance(row: dict[str, Any]) -> InstanceRow:
    version = str(row["version"] or "?")
    told = {name: row[name] for name in ("health", "routed", "since", "restarts")}
    return InstanceRow(row["instance"], version, **told)


def _troubles(parts: Iterable[dict[str, Any]]) -> Iterable[str]:
    """Return what does not work, a few words each."""
    return (
        f"{one['name']}: {one['state']}" for one in parts if one["state"] != "running"
    )
