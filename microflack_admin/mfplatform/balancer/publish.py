"""Publish through the registry what the load balancer serves, for whoever waits for it.

The words of this JSON are read by others (mfstatus, mfrun, mfkill) and do not change.
"""

import json
import time
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from mfplatform.balancer.haproxy_state import HAProxyState, Server
from mfplatform.balancer.routes import RejectedKey, RoutingTable, Service
from microflack_common.registry import Registry

TTL_SECONDS = 50
REFRESH_SECONDS = 15.0
# All must fit into one key, however much nonsense the registry holds.
MAX_REJECTED_KEYS = 100
MAX_KEY_CHARACTERS = 200


class ServerState(StrEnum):
    """The state of a server; the values are the registry's words."""

    HEALTHY = "ready"
    UNHEALTHY = "down"
    # Also of one that is being added: it gets no new clients yet.
    DRAINING = "draining"


class StatePublisher:
    """Write the key /loadbalancers/NAME at every change, and before it expires."""

    def __init__(self, registry: Registry, name: str) -> None:
        self._registry = registry
        self._key = f"/loadbalancers/{name}"
        self._published_text = ""
        self._published_at = 0.0

    def publish(self, index: int, table: RoutingTable, haproxy: HAProxyState) -> None:
        """Publish that HAProxy serves ``haproxy`` of the registry's state ``index``.

        :raises RegistryError: the registry is away.
        """
        content = describe(table, haproxy)
        text = json.dumps(content)
        now = time.monotonic()
        is_fresh = now - self._published_at < REFRESH_SECONDS
        if text == self._published_text and is_fresh:
            return
        value = json.dumps({"index": index, **content})
        self._registry.put(self._key, value, ttl=TTL_SECONDS)
        self._published_text, self._published_at = text, now

    def invalidate(self) -> None:
        """Publish anew next time: the registry may have lost what was published."""
        self._published_text = ""


def describe(table: RoutingTable, haproxy: HAProxyState) -> dict[str, Any]:
    """Return what is published, without its index."""
    rejected = table.rejected_keys[:MAX_REJECTED_KEYS]
    return {
        "services": {
            name: _describe_service(table.services.get(name), servers)
            for name, servers in sorted(haproxy.services.items())
        },
        "old_processes": len(haproxy.old_processes),
        "left_out": [_describe_rejected(one) for one in rejected],
    }


def _describe_service(
    service: Service | None, servers: Mapping[str, Server]
) -> dict[str, Any]:
    wanted = service.servers if service else {}
    instances = {}
    for instance, server in sorted(servers.items()):
        known = wanted.get(instance)
        instances[instance] = {
            "address": known.address if known else server.endpoint,
            "state": _state_of(server, is_wanted=known is not None),
        }
    location = service.location if service else ""
    return {"location": location, "instances": instances}


def _state_of(server: Server, is_wanted: bool) -> ServerState:
    is_relieved = server.is_relieved and server.is_slow
    if not is_wanted or (server.admin_state != "ready" and not is_relieved):
        return ServerState.DRAINING
    return ServerState.HEALTHY if server.healthy else ServerState.UNHEALTHY


def _describe_rejected(rejected: RejectedKey) -> dict[str, str]:
    return {"key": rejected.key[:MAX_KEY_CHARACTERS], "why": rejected.reason}
