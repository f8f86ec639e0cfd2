"""What an upgrade remembers of the instances that it looks at again and again."""

import json
import time
from collections.abc import Iterable

from mfplatform.state import lb_state
from mfplatform.state.patience import Starvation
from mfplatform.upgrade.compare import Counts
from mfplatform.upgrade.observe import Observer
from mfplatform.upgrade.state import ObservedInstance
from microflack_common.testing import FakeRegistry


class Instances:
    """One instance that runs."""

    def instances(self, service: str) -> tuple[ObservedInstance, ...]:
        return (ObservedInstance("echo-1", "one", "1", pid=1),)


class Counters:
    """A load balancer that has counted nothing."""

    def read(self, service: str, instances: Iterable[str]) -> dict[str, Counts]:
        return {}


def route(registry: FakeRegistry, state: str) -> None:
    """Have the load balancer report the instance to be in a state."""
    instances = {"echo-1": {"address": "127.0.0.1:1", "state": state}}
    services = {"echo": {"location": "/", "instances": instances}}
    registry.put(lb_state.KEY, json.dumps({"services": services}))


def test_one_that_was_ready_at_the_last_look_is_unhealthy_from_this_one_on() -> None:
    registry, calm = FakeRegistry(), Starvation(measure=lambda: 1.0)
    observer = Observer(registry, Instances(), Counters(), "echo", calm)
    route(registry, "ready")
    observer.observe()
    route(registry, "down")
    began = time.monotonic()
    first_down = observer.observe().last_ready["echo-1"]
    assert first_down >= began
    assert observer.observe().last_ready["echo-1"] == first_down
