"""Parse the registry's keys into a routing table, and reject what makes no sense.

Whoever can write to the registry can write anything, so every key and every value is
checked here before it may come near HAProxy.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mfplatform.balancer.server_address import (
    Lookup,
    ServerAddress,
    parse_server_address,
)

ROOT = "/services"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
LOCATION = re.compile(r"(/[A-Za-z0-9._~-]+)*")
MAX_LOCATION_CHARACTERS = 200
BALANCES = {"roundrobin", "leastconn", "source"}
# HAProxy answers these itself, so a service there would never be reached.
RESERVED_LOCATIONS = {
    *("/stats", "/stats/times", "/logs"),
    *("/healthz", "/readyz", "/metrics"),
}


@dataclass(frozen=True)
class RejectedKey:
    """A key that is not used, and the reason."""

    key: str
    reason: str


@dataclass(frozen=True)
class Service:
    """One service: its locations, its balance, and the address of each instance.

    The first location is the one that it is known by.
    """

    name: str
    locations: tuple[str, ...]
    balance: str = "roundrobin"
    servers: dict[str, ServerAddress] = field(default_factory=dict)

    @property
    def location(self) -> str:
        """Return the path prefix that the service is known by."""
        return self.locations[0]

    @property
    def sticky(self) -> bool:
        """Say whether a client stays on one instance."""
        return self.balance == "source"


@dataclass(frozen=True)
class RoutingTable:
    """All services by name, and the keys that were rejected."""

    services: dict[str, Service] = field(default_factory=dict)
    rejected_keys: tuple[RejectedKey, ...] = ()


@dataclass
class _Draft:
    """A service of which not every key has been read yet."""

    # The key of each location, the service's first one before the others.
    locations: dict[str, str] = field(default_factory=dict)
    balance: str = "roundrobin"
    servers: dict[str, ServerAddress] = field(default_factory=dict)


def parse_routes(values: Mapping[str, str], lookup: Lookup) -> RoutingTable:
    """Turn the registry's keys below /services into a routing table.

    :param values: full key path -> value.
    :param lookup: returns the IP address of a host, or None while it has none.
    """
    drafts: dict[str, _Draft] = {}
    rejected: list[RejectedKey] = []
    for key in sorted(values):
        try:
            _parse_key(key, values[key], drafts, lookup)
        except ValueError as problem:
            rejected.append(RejectedKey(key, str(problem)))
    services = _complete_services(drafts, rejected)
    return RoutingTable(services, tuple(rejected))


def _parse_key(key: str, value: str, drafts: dict[str, _Draft], lookup: Lookup) -> None:
    name, path = _split(key)
    draft = drafts.get(name, _Draft())
    match path:
        case ["location"]:
            draft.locations[key] = _parse_location(value)
        case ["locations", other] if NAME.fullmatch(other):
            draft.locations[key] = _parse_location(value)
        case ["locations", _]:
            raise ValueError("the name of the location is malformed")
        case ["backend", "balance"]:
            if value not in BALANCES:
                raise ValueError("is not roundrobin, leastconn or source")
            draft.balance = value
        case ["upstream", "BACKEND" | "FRONTEND"]:
            raise ValueError("is a name that HAProxy keeps for itself")
        case ["upstream", instance] if NAME.fullmatch(instance):
            draft.servers[instance] = parse_server_address(value, lookup)
        case ["upstream", _]:
            raise ValueError("the name of the instance is malformed")
        case _:
            raise ValueError("is not a key of a service")
    # Only now: a service of which no key is good does not exist.
    drafts[name] = draft


def _split(key: str) -> tuple[str, list[str]]:
    name, *path = key.removeprefix(f"{ROOT}/").split("/")
    if not NAME.fullmatch(name):
        raise ValueError("the name of the service is malformed")
    return name, path


def _parse_location(value: str) -> str:
    location = value.removesuffix("/") if value.startswith("/") else "-"
    segments = location.split("/")
    if (
        len(location) > MAX_LOCATION_CHARACTERS
        or not LOCATION.fullmatch(location)
        or "." in segments
        or ".." in segments
    ):
        raise ValueError("is not a path such as /api/users")
    if location in RESERVED_LOCATIONS:
        raise ValueError("is a path of the load balancer itself")
    return location or "/"


def _complete_services(
    drafts: dict[str, _Draft], rejected: list[RejectedKey]
) -> dict[str, Service]:
    """Return the services that have a location of their own; reject the others."""
    services: dict[str, Service] = {}
    owners: dict[str, str] = {}
    # By name, so that every load balancer picks the same winner for a location.
    for name in sorted(drafts):
        draft = drafts[name]
        locations = tuple(_claim(name, draft.locations, owners, rejected))
        if locations:
            services[name] = Service(name, locations, draft.balance, draft.servers)
        elif not draft.locations:
            rejected.append(RejectedKey(f"{ROOT}/{name}", "has no usable location"))
    return services


def _claim(
    name: str,
    locations: Mapping[str, str],
    owners: dict[str, str],
    rejected: list[RejectedKey],
) -> Iterator[str]:
    """Yield the locations that no other service has; reject the keys of the others."""
    for key, location in locations.items():
        owner = owners.setdefault(location, name)
        if owner != name:
            reason = f"{location} belongs to the service {owner}"
            rejected.append(RejectedKey(key, reason))
        else:
            yield location
