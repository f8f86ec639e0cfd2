"""What the load balancer routes, as its renderer tells through the registry."""

import json
import time
from collections.abc import Callable
from typing import Any

from mfplatform.state.patience import Deadline
from microflack_common.registry import Registry, RegistryError

KEY = "/loadbalancers/default"


class LBState:
    """One moment of the load balancer's view."""

    def __init__(self, document: dict[str, Any]) -> None:
        # Whether there is one: it vanishes when nobody has told anything for a while.
        self.is_known = bool(document)
        self.services: dict[str, Any] = document.get("services", {})
        self.rejected_keys: list[dict[str, str]] = document.get("left_out", [])
        # Processes that were replaced and still route as things were before.
        self.old_processes = int(document.get("old_processes", 0))

    def state(self, service: str, instance: str) -> str | None:
        """Return an instance's state (ready, draining ...), None when not routed."""
        found = self.services.get(service, {}).get("instances", {}).get(instance)
        return str(found["state"]) if found else None

    def address(self, service: str, instance: str) -> str | None:
        """Return the address at which an instance is routed."""
        found = self.services.get(service, {}).get("instances", {}).get(instance)
        return str(found["address"]) if found else None

    def rejection_reason(self, service: str, instance: str) -> str | None:
        """Say why the load balancer leaves a registered instance out."""
        keys = (f"/services/{service}/location", f"{_key(service, instance)}")
        for entry in self.rejected_keys:
            if entry.get("key") in keys:
                return entry.get("why")
        return None


def _key(service: str, instance: str) -> str:
    return f"/services/{service}/upstream/{instance}"


def read(registry: Registry) -> tuple[LBState, int]:
    """Return what is routed now, and the index to watch from."""
    tree = registry.tree("/loadbalancers")
    try:
        document = json.loads(tree.values.get(KEY, "{}"))
    except ValueError:
        document = {}
    return LBState(document if isinstance(document, dict) else {}), tree.index


def wait(
    registry: Registry,
    wanted: Callable[[LBState], bool],
    timeout: float,
    check: Callable[[], None] = lambda: None,
) -> bool:
    """Wait until the load balancer's view is as wanted; False when time is up.

    ``timeout`` is in seconds of a machine that is not busy. ``check`` is called now and
    then, and may raise to end the wait early.
    """
    deadline = Deadline(timeout)
    while not deadline.is_over():
        check()
        try:
            balancer, index = read(registry)
            if wanted(balancer):
                return True
            registry.watch("/loadbalancers", index, timeout=0.5)
        except RegistryError:
            # The registry may be on its way back: it is under the supervisor.
            time.sleep(0.2)
    return False
