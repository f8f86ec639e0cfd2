"""Tell through the registry what the load balancer routes, for whoever waits for it."""

import json
import time
from collections.abc import Mapping
from typing import Any

from mfplatform.balancer.haproxy import Running, Server
from mfplatform.balancer.routes import LeftOut, Routes, Service
from microflack_common.registry import Registry

TTL = 50
REFRESH = 15.0
# The report must fit into one key, however much nonsense the registry holds.
MOST_LEFT_OUT = 100
LONGEST_KEY = 200


class Reporter:
    """Write the key /loadbalancers/NAME at every change, and before it expires."""

    def __init__(self, registry: Registry, name: str) -> None:
        self._registry = registry
        self._key = f"/loadbalancers/{name}"
        self._last: tuple[str, float] = ("", 0.0)

    def publish(self, index: int, routes: Routes, running: Running) -> None:
        """Report that HAProxy serves ``running`` of the registry's state ``index``."""
        content = describe(routes, running)
        text = json.dumps(content)
        now = time.monotonic()
        if text == self._last[0] and now - self._last[1] < REFRESH:
            return
        self._registry.put(self._key, json.dumps({"index": index, **content}), ttl=TTL)
        self._last = (text, now)

    def forget(self) -> None:
        """Report anew next time: the registry may have lost the last report."""
        self._last = ("", 0.0)


def describe(routes: Routes, running: Running) -> dict[str, Any]:
    """Return the report without its index."""
    return {
        "services": {
            name: _service(routes.services.get(name), servers)
            for name, servers in sorted(running.services.items())
        },
        "old_processes": running.old_processes,
        "left_out": [_left_out(entry) for entry in routes.left_out[:MOST_LEFT_OUT]],
    }


def _service(service: Service | None, servers: Mapping[str, Server]) -> dict[str, Any]:
    wanted = service.instances if service else {}
    instances = {}
    for instance, server in sorted(servers.items()):
        known = wanted.get(instance)
        address = known.address if known else server.endpoint
        instances[instance] = {"address": address, "state": _state(bool(known), server)}
    location = service.location if service else ""
    return {"location": location, "instances": instances}


def _state(wanted: bool, server: Server) -> str:
    if not wanted or server.state != "ready":
        return "draining"
    return "ready" if server.up else "down"


def _left_out(entry: LeftOut) -> dict[str, str]:
    return {"key": entry.key[:LONGEST_KEY], "why": entry.why}
