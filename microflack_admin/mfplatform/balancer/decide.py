"""Decide what must be done so that HAProxy serves what the registry says."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mfplatform.balancer.haproxy import Running, Server
from mfplatform.balancer.routes import Service
from mfplatform.balancer.server_address import Upstream

# An instance that left may finish its requests for so long.
DRAIN_LIMIT = 30.0
# So many changes are quicker done by loading the file once.
MANY = 200

Key = tuple[str, str]


@dataclass(frozen=True)
class Reload:
    """Load the configuration file anew."""


@dataclass(frozen=True)
class Add:
    """Add an instance."""

    key: Key
    upstream: Upstream


@dataclass(frozen=True)
class Change:
    """Give an instance another address or other options."""

    key: Key
    upstream: Upstream


@dataclass(frozen=True)
class Ready:
    """Send requests to an instance again."""

    key: Key


@dataclass(frozen=True)
class Drain:
    """Send an instance no new clients."""

    key: Key


@dataclass(frozen=True)
class Remove:
    """Remove a drained instance, cutting what it still does if that took too long."""

    key: Key
    cut: bool


Action = Reload | Add | Change | Ready | Drain | Remove


@dataclass(frozen=True)
class State:
    """What is wanted, and what there is."""

    services: Mapping[str, Service]
    shape: str
    running: Running
    # When instances that left began to be drained.
    draining: Mapping[Key, float] = field(default_factory=dict)
    # A shape that HAProxy would not load.
    refused: str = ""


def decide(state: State, now: float) -> list[Action]:
    """Return the actions that lead from what there is to what is wanted."""
    if _must_reload(state):
        return [Reload()]
    actions: list[Action] = []
    for name, servers in state.running.services.items():
        service = state.services.get(name)
        wanted = service.instances if service else {}
        for instance, upstream in wanted.items():
            key = (name, instance)
            actions += _keep(key, upstream, servers.get(instance), state)
        for instance, server in servers.items():
            if instance not in wanted:
                actions.append(_leave((name, instance), server, state, now))
    return [Reload()] if len(actions) > MANY else actions


def _must_reload(state: State) -> bool:
    if state.shape not in (state.running.shape, state.refused):
        return True
    # HAProxy cannot turn a server into a backup one at run time, nor back.
    return any(
        server.backup != state.services[name].instances[instance].backup
        for name, servers in state.running.services.items()
        for instance, server in servers.items()
        if name in state.services and instance in state.services[name].instances
    )


def _keep(
    key: Key, upstream: Upstream, server: Server | None, state: State
) -> list[Action]:
    if server is None:
        return [Add(key, upstream)]
    if not server.serves(upstream):
        return [Change(key, upstream)]
    if server.state != "ready" or key in state.draining:
        return [Ready(key)]
    return []


def _leave(key: Key, server: Server, state: State, now: float) -> Action:
    since = state.draining.get(key)
    if since is None and server.state != "maint":
        return Drain(key)
    cut = since is not None and now - since >= DRAIN_LIMIT
    if cut or not server.sessions:
        return Remove(key, cut)
    return Drain(key)
