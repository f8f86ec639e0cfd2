"""What the caretaker finds wrong with an instance that gives no answer."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from backend import Backend
from balancer import STATS_PASSWORD, Balancer
from daemons import free_port

from mfplatform.caretaker.loads import ANSWERS_SECONDS, LoadObserver
from mfplatform.caretaker.observe import START_SECONDS, CareObserver
from mfplatform.caretaker.state import Symptom
from mfplatform.runtime.base import ProcessState
from mfplatform.runtime.handling import MemoryUse
from mfplatform.state import instances
from mfplatform.state.home import Home, write_env
from mfplatform.state.instances import Instance
from mfplatform.state.wishes import Wish
from mfplatform.upgrade.actions import Limits
from mfplatform.upgrade.counters import HAProxyCounters
from mfplatform.upgrade.lock import UpgradeLock
from mfplatform.upgrade.runner import UpgradeContext
from mfplatform.upgrade.store import UpgradeStore
from microflack_common.testing import FakeRegistry


class Runtime:
    """Has one process that listens nowhere, or where somebody else does."""

    def __init__(self, state: ProcessState, taken: int = 0, most: int = 0) -> None:
        self._state = state
        self._memory = MemoryUse(taken, most)

    def states(self) -> dict[str, ProcessState]:
        return {"echo-1": self._state}

    def memory(self, name: str) -> MemoryUse:
        assert name == "echo-1"
        return self._memory


def process(state: Any = "running", age: float = 3600.0, pid: int = 1) -> ProcessState:
    """Return a process as it is at this moment."""
    return ProcessState(state=state, pid=pid, since=time.time() - age)


@pytest.mark.parametrize(
    ("seen_as", "slowness", "symptoms"),
    [
        ({}, 1.0, {Symptom.SILENT}),
        ({"pid": 0}, 1.0, set()),
        ({"state": "stopped", "pid": 0}, 1.0, {Symptom.STOPPED}),
        # Somebody may be about to start it.
        ({"state": "stopped", "pid": 0, "recorded": 1.0}, 1.0, set()),
        # A person's mfkill lets it finish; another one in its place is not wanted.
        ({"state": "stopping"}, 1.0, set()),
        ({"age": 1.0}, 1.0, set()),
        ({"age": START_SECONDS + 10}, 1.0, {Symptom.SILENT}),
        # All that is begun takes longer where others have the processors.
        ({"age": START_SECONDS + 10}, 9.0, set()),
        ({"age": 9 * START_SECONDS + 10}, 9.0, {Symptom.SILENT}),
    ],
)
def test_who_begins_or_ends_may_be_silent(
    tmp_path: Path, seen_as: dict[str, Any], slowness: float, symptoms: set[Symptom]
) -> None:
    since = {"recorded": seen_as.pop("recorded", 3600.0)}
    runtime = Runtime(process(**seen_as))
    port = free_port()
    assert found(tmp_path, runtime, port, slowness=slowness, **since) == symptoms


@pytest.mark.parametrize(
    ("taken", "most", "max_memory", "symptoms"),
    [
        (999, 0, 1000, set()),
        (1001, 0, 1000, {Symptom.SWOLLEN}),
        # It is killed at its limit: that is not waited for.
        (451, 500, 1000, {Symptom.SWOLLEN}),
        (449, 500, 1000, set()),
        (1001, 2000, 1000, {Symptom.SWOLLEN}),
        (499, 500, 0, set()),
    ],
)
def test_who_takes_too_much_memory_is_found(
    tmp_path: Path, taken: int, most: int, max_memory: int, symptoms: set[Symptom]
) -> None:
    backend = Backend("echo-1")
    runtime = Runtime(process(), taken, most)
    port = int(backend.address.partition(":")[2])
    try:
        assert found(tmp_path, runtime, port, max_memory=max_memory) == symptoms
    finally:
        backend.close()


def found(
    folder: Path,
    runtime: Runtime,
    port: int,
    max_memory: int = 0,
    slowness: float = 1.0,
    recorded: float = 3600.0,
) -> set[Symptom]:
    """Return what is wrong with the one instance, which listens at a port.

    :param recorded: how many seconds ago it was.
    """
    home, registry = Home(folder), FakeRegistry()
    created = time.time() - recorded
    instances.save(home, Instance("echo-1", "echo", "i", "1", "1", port, created))
    context = UpgradeContext(
        registry,
        None,
        None,
        UpgradeStore(registry),
        UpgradeLock(registry),
        Limits(),
    )
    observer = CareObserver(
        home,
        runtime,
        context,
        max_memory=max_memory,
        measure=lambda: slowness,
    )
    seen = observer.observe({"echo": Wish(1, 1, 1)})
    return {symptom for _, symptom in seen.since}


def test_answers_are_counted_now_and_then(
    balancer: Balancer, backend: Callable[..., Backend]
) -> None:
    balancer.register("echo", "/api/echo", backend("echo-1"))
    home = Home(balancer.folder)
    write_env(home.settings_file, {"OPERATOR_PORT": str(balancer.operator_port)})
    write_env(home.secrets_file, {"STATS_PASSWORD": STATS_PASSWORD})
    counters, registry = HAProxyCounters(home), FakeRegistry()
    store, lock = UpgradeStore(registry), UpgradeLock(registry)
    context = UpgradeContext(registry, None, counters, store, lock, Limits())
    observer = LoadObserver(context)

    def answers(now: float) -> int:
        return observer.look({"echo": Wish(1, 1, 2)}, now)["echo"].samples[-1].answers

    balancer.get("/api/echo/")
    # What was before the first look is no news.
    assert answers(0.0) == 0
    for _ in range(7):
        balancer.get("/api/echo/")
    assert answers(ANSWERS_SECONDS - 1) == 0
    assert answers(ANSWERS_SECONDS) == 7
    # A client that stays waits in its requests: nobody is slow then.
    registry.put("/services/echo/backend/balance", "source")
    balancer.get("/api/echo/")
    assert answers(2 * ANSWERS_SECONDS) == 0
