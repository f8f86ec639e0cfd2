"""Decide what must be done so that HAProxy serves what the registry says."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mfplatform.balancer.haproxy_state import HAProxyState, Server
from mfplatform.balancer.routes import Service
from mfplatform.balancer.server_address import ServerAddress

# A server that is drained may finish its requests for so long.
DRAIN_TIMEOUT_SECONDS = 30.0
# A server whose health checks have got no answer for so long is dead, not slow. It had
# three seconds before that for the first of them.
SILENCE_TIMEOUT_SECONDS = 12.0
# More changes than this are quicker done by loading the file once.
MAX_RUNTIME_CHANGES = 200

# Service and instance.
ServerKey = tuple[str, str]


@dataclass(frozen=True)
class Reload:
    """Load the configuration file anew."""


@dataclass(frozen=True)
class AddServer:
    """Add a server."""

    key: ServerKey
    address: ServerAddress


@dataclass(frozen=True)
class UpdateServer:
    """Give a server another address or other options."""

    key: ServerKey
    address: ServerAddress


@dataclass(frozen=True)
class EnableServer:
    """Send requests to a server again.

    ``is_new`` says whether it has registered as ready since it was last checked.
    """

    key: ServerKey
    is_new: bool = True


@dataclass(frozen=True)
class DrainServer:
    """Send a server no new clients."""

    key: ServerKey


@dataclass(frozen=True)
class RelieveServer:
    """Send a slow server no new clients until it is quick again."""

    key: ServerKey


@dataclass(frozen=True)
class MarkServerDown:
    """Cut off what a silent server does, and send it nothing until it answers."""

    key: ServerKey


@dataclass(frozen=True)
class RemoveServer:
    """Remove a drained server; ``force`` cuts what it still does."""

    key: ServerKey
    force: bool


Action = (
    Reload
    | AddServer
    | UpdateServer
    | EnableServer
    | DrainServer
    | RelieveServer
    | MarkServerDown
    | RemoveServer
)


@dataclass(frozen=True)
class State:
    """What is wanted, and what there is."""

    services: Mapping[str, Service]
    config_hash: str
    haproxy: HAProxyState
    # When each server that is not wanted any more began to be drained.
    draining_since: Mapping[ServerKey, float] = field(default_factory=dict)
    # When the health checks of each server that is silent began to get no answer.
    silent_since: Mapping[ServerKey, float] = field(default_factory=dict)
    # The hash of a configuration that HAProxy would not load.
    rejected_hash: str = ""


def decide(state: State, now: float) -> list[Action]:
    """Return the actions that lead from what there is to what is wanted."""
    if _must_reload(state):
        return [Reload()]
    actions: list[Action] = []
    for name, servers in state.haproxy.services.items():
        service = state.services.get(name)
        wanted = service.servers if service else {}
        quick = {one for one in wanted if one in servers and _is_quick(servers[one])}
        for instance, address in wanted.items():
            key = (name, instance)
            if _is_dead(key, state, now):
                actions.append(MarkServerDown(key))
                continue
            server = servers.get(instance)
            actions += _serve(key, address, server, state, has_quick=bool(quick))
        for instance, server in servers.items():
            if instance not in wanted:
                actions.append(_retire((name, instance), server, state, now))
    return [Reload()] if len(actions) > MAX_RUNTIME_CHANGES else actions


def _must_reload(state: State) -> bool:
    if state.config_hash not in (state.haproxy.config_hash, state.rejected_hash):
        return True
    # HAProxy cannot turn a server into a backup one at run time, nor back.
    return any(
        server.backup != state.services[name].servers[instance].backup
        for name, servers in state.haproxy.services.items()
        for instance, server in servers.items()
        if name in state.services and instance in state.services[name].servers
    )


def _is_dead(key: ServerKey, state: State, now: float) -> bool:
    """Say whether a server that is not known to be dead has been silent for long."""
    return now - state.silent_since.get(key, now) >= SILENCE_TIMEOUT_SECONDS


def _is_quick(server: Server) -> bool:
    """Say whether a server can take what a slow one is relieved of."""
    is_serving = server.healthy and server.admin_state == "ready"
    return is_serving and not server.is_slow and not server.backup


def _serve(
    key: ServerKey,
    address: ServerAddress,
    server: Server | None,
    state: State,
    has_quick: bool,
) -> list[Action]:
    """Return what makes a wanted server serve; nothing when it does already."""
    if server is None:
        return [AddServer(key, address)]
    if not server.matches(address):
        return [UpdateServer(key, address)]
    if server.is_slow and has_quick and server.admin_state != "maint":
        return [] if server.is_relieved else [RelieveServer(key)]
    if server.is_relieved and key not in state.draining_since:
        return [EnableServer(key, is_new=False)]
    if server.admin_state != "ready" or key in state.draining_since:
        return [EnableServer(key)]
    return []


def _retire(key: ServerKey, server: Server, state: State, now: float) -> Action:
    """Return the next step of a server that is not wanted: drain it, then remove it."""
    since = state.draining_since.get(key)
    if since is None and server.admin_state != "maint":
        return DrainServer(key)
    is_late = since is not None and now - since >= DRAIN_TIMEOUT_SECONDS
    if is_late or not server.sessions:
        return RemoveServer(key, force=is_late)
    return DrainServer(key)
