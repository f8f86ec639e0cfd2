"""Whom to ask for figures, as Prometheus wants to be told.

Reference: the documentation of Prometheus, "HTTP SD".
"""

import json
import threading
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from mfplatform.state import lb_state
from mfplatform.state.home import Home
from mfplatform.state.lb_state import LBState
from microflack_common.registry import Registry, RegistryError

Target = dict[str, Any]


class Targets:
    """The platform, HAProxy, and each instance that the load balancer routes to.

    While the registry is away the instances are those of before.
    """

    def __init__(self, home: Home, registry: Registry) -> None:
        operator = urlsplit(home.operator).netloc
        self._own = [
            _platform(operator, "platform", "/metrics"),
            _platform(operator, "haproxy", "/metrics/haproxy"),
        ]
        self._registry = registry
        self._lock = threading.Lock()
        self._instances: list[Target] = []

    def text(self) -> str:
        """Return the list as JSON."""
        with self._lock:
            # What tells that it is away is to be asked all the same.
            with suppress(RegistryError):
                self._instances = instances(lb_state.read(self._registry)[0])
            return json.dumps(self._own + self._instances)


def instances(balancer: LBState) -> list[Target]:
    """Return the targets among what is routed, whoever has registered it."""
    return [
        {
            "targets": [found["address"]],
            "labels": {"__meta_kind": "service", "service": service, "instance": name},
        }
        for service, known in sorted(balancer.services.items())
        for name, found in sorted(known["instances"].items())
    ]


def _platform(operator: str, name: str, path: str) -> Target:
    labels = {"__meta_kind": "platform", "__metrics_path__": path, "instance": name}
    return {"targets": [operator], "labels": labels}
