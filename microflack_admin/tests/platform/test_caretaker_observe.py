"""What the caretaker finds wrong with an instance that gives no answer."""

import time
from pathlib import Path
from typing import Any

import pytest
from daemons import free_port

from mfplatform.caretaker.observe import START_SECONDS, CareObserver
from mfplatform.caretaker.state import Symptom
from mfplatform.runtime.base import ProcessState
from mfplatform.state import instances
from mfplatform.state.home import Home
from mfplatform.state.instances import Instance
from mfplatform.state.wishes import Wish
from mfplatform.upgrade.actions import Limits
from mfplatform.upgrade.lock import UpgradeLock
from mfplatform.upgrade.runner import UpgradeContext
from mfplatform.upgrade.store import UpgradeStore
from microflack_common.testing import FakeRegistry


class Runtime:
    """Has one process that listens nowhere."""

    def __init__(self, state: ProcessState) -> None:
        self._state = state

    def states(self) -> dict[str, ProcessState]:
        return {"echo-1": self._state}


def process(state: Any = "running", age: float = 3600.0, pid: int = 1) -> ProcessState:
    """Return a process as it is at this moment."""
    return ProcessState(state=state, pid=pid, since=time.time() - age)


@pytest.mark.parametrize(
    ("seen_as", "slowness", "symptoms"),
    [
        ({}, 1.0, {Symptom.SILENT}),
        ({"pid": 0}, 1.0, set()),
        ({"state": "stopped", "pid": 0}, 1.0, {Symptom.STOPPED}),
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
    home, registry = Home(tmp_path), FakeRegistry()
    port = free_port()
    instances.save(home, Instance("echo-1", "echo", "i", "1", "1", port, 1.0))
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
        Runtime(process(**seen_as)),
        context,
        max_memory=0,
        measure=lambda: slowness,
    )
    seen = observer.observe({"echo": Wish(1, 1, 1)})
    assert {symptom for _, symptom in seen.since} == symptoms
