"""The platform's own figures: what neither HAProxy nor a service can tell.

Nothing here measures what takes long, such as the size of folders: it is asked for
every quarter of a minute.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from mfplatform.metrics import machine
from mfplatform.runtime.base import ProcessState, Runtime
from mfplatform.state import disk, instances, memory, probes, tls
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.instances import Instance
from mfplatform.state.parts import PartSpec

PREFIX = "microflack_"
States = Mapping[str, ProcessState]
# What a figure is of, and its value.
Rows = Iterable[tuple[Sequence[str], float]]


class Figures(Collector):
    """All figures of one platform, looked up whenever they are asked for."""

    def __init__(self, home: Home, runtime: Runtime) -> None:
        self._home = home
        self._runtime = runtime
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def text(self) -> bytes:
        """Return them as Prometheus reads them."""
        return generate_latest(self._registry)

    def describe(self) -> list[Metric]:
        """Return nothing: what there is shows when it is asked for."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield them; what cannot be known is left out."""
        specs = [one for one in self._runtime.parts() if one.is_wanted(self._home)]
        # Side by side, since what does not answer takes seconds to say so.
        with ThreadPoolExecutor(max_workers=len(specs) + 1) as pool:
            quorum = pool.submit(probes.has_quorum, self._home)
            up = list(pool.map(lambda one: one.probe(self._home), specs))
        # Where what knows of them does not answer, all else is told.
        with suppress(PlatformError):
            yield from processes(self._runtime.states())
        yield from platform(specs, up, quorum.result())
        yield versions(instances.all_instances(self._home))
        yield from disk_space(self._home)
        yield from certificate(self._home)
        yield from machine_load()


def platform(
    specs: Iterable[PartSpec], up: Iterable[bool], quorum: bool
) -> Iterator[Metric]:
    """Yield whether each part works, and whether the registry can be written to."""
    works = zip(((one.name,) for one in specs), up, strict=True)
    yield _gauge("part_up", "Whether the part works", works, ["part"])
    yield _gauge(
        "registry_has_quorum", "Whether the registry's members agree", [((), quorum)]
    )


def processes(states: States) -> Iterator[Metric]:
    """Yield since when each part and instance runs, and what it takes."""
    pids = {name: one["pid"] for name, one in states.items() if one["pid"]}

    def rows(value: Callable[[str, int], float]) -> Rows:
        return [((name,), value(name, pid)) for name, pid in pids.items()]

    began = rows(lambda name, _pid: states[name]["since"] or 0.0)
    lives = [((name,), one.get("short_lives", 0)) for name, one in states.items()]
    taken = rows(lambda _name, pid: memory.of_tree(pid))
    busy = rows(lambda _name, pid: machine.cpu_seconds(pid))
    yield _gauge("start_time_seconds", "Its start, in Unix seconds", began, ["name"])
    yield _gauge("short_lives", "Times it died early, in a row", lives, ["name"])
    yield _gauge("memory_bytes", "The memory that it takes", taken, ["name"])
    yield _counter("cpu_seconds", "The CPU time that it took", busy, ["name"])


def versions(known: Iterable[Instance]) -> Metric:
    """Return which release each instance is."""
    rows = [((one.service, one.name, one.version), 1) for one in known]
    labels = ["service", "name", "version"]
    return _gauge("instance_info", "The release of an instance", rows, labels)


def disk_space(home: Home) -> Iterator[Metric]:
    """Yield how full the disk of the platform's data is."""
    used = [((), disk.used_share(home.path))]
    yield _gauge("disk_used_ratio", "How full the disk is, from 0 to 1", used)
    free = [((), disk.free_bytes(home.path))]
    yield _gauge("disk_free_bytes", "What is free on the disk", free)


def certificate(home: Home) -> Iterator[Metric]:
    """Yield the life of the certificate, where there is one."""
    if not tls.is_on(home):
        return
    # What reads certificates is installed where there are any.
    from mfplatform.certificates import status

    found: dict[str, Any] = status.status(home)
    problem = [((), found["problem"] is not None)]
    yield _gauge("certificate_has_problem", "Whether it cannot be renewed", problem)
    for name, key in (("begin", "since"), ("end", "until")):
        if found[key] is not None:
            text = f"Its {name}, in Unix seconds"
            rows = [((), found[key])]
            yield _gauge(f"certificate_{name}_timestamp_seconds", text, rows)


def machine_load() -> Iterator[Metric]:
    """Yield what is left of the machine."""
    available = [((), memory.available())]
    yield _gauge("machine_memory_available_bytes", "Memory to be had", available)
    whole = [((), memory.whole())]
    yield _gauge("machine_memory_bytes", "The machine's memory", whole)
    busy = [((), machine.busy_seconds())]
    yield _counter("machine_cpu_busy_seconds", "CPU time that was used", busy)
    yield _gauge("machine_cpus", "Its processors", [((), os.cpu_count() or 1)])


def _gauge(name: str, about: str, rows: Rows, labels: Sequence[str] = ()) -> Metric:
    family = GaugeMetricFamily(PREFIX + name, about, labels=labels)
    for values, value in rows:
        family.add_metric(values, value)
    return family


def _counter(name: str, about: str, rows: Rows, labels: Sequence[str] = ()) -> Metric:
    family = CounterMetricFamily(PREFIX + name, about, labels=labels)
    for values, value in rows:
        family.add_metric(values, value)
    return family
