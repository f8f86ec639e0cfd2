"""What the load balancer routes, as its renderer tells through the registry.

There may be several, each with a key of its own: what counts is what all of them say.
"""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from mfplatform.state.patience import Deadline
from microflack_common.registry import Registry, RegistryError

FOLDER = "/loadbalancers"
KEY = f"{FOLDER}/default"
DRAINING = "draining"


def key(name: str) -> str:
    """Return the key at which a load balancer tells what it routes."""
    return f"{FOLDER}/{name}"


class LBState:
    """One moment of a load balancer's view."""

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
    tree = registry.tree(FOLDER)
    documents = [one for one in map(_document, tree.values.values()) if one]
    return LBState(merged(documents)), tree.index


def _document(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    is_told = isinstance(found, dict) and isinstance(found.get("services"), dict)
    return found if is_told else {}


def merged(documents: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what several load balancers say as if one had said it.

    What one of them does not route, or not any more, is on its way: "draining".
    """
    if len(documents) < 2:
        return documents[0] if documents else {}
    states = [LBState(one) for one in documents]
    services: dict[str, Any] = {}
    for told in documents:
        for service, found in told.get("services", {}).items():
            known = services.setdefault(service, {**found, "instances": {}})
            for name, instance in found.get("instances", {}).items():
                said = {one.state(service, name) for one in states}
                state = said.pop() if len(said) == 1 else DRAINING
                known["instances"][name] = {**instance, "state": state}
    rejected = {
        one["key"]: one for told in documents for one in told.get("left_out", ())
    }
    return {
        "services": services,
        "left_out": list(rejected.values()),
        "old_processes": sum(one.old_processes for one in states),
    }


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
            registry.watch(FOLDER, index, timeout=0.5)
        except RegistryError:
            # The registry may be on its way back: it is under the supervisor.
            time.sleep(0.2)
    return False
