"""Read what the registry says into routes, and leave out what makes no sense.

Whoever can write to the registry can write anything, so every key and every value is
checked here before it may come near HAProxy.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mfplatform.balancer.server_address import Upstream, parse_upstream

ROOT = "/services"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
LOCATION = re.compile(r"(/[A-Za-z0-9._~-]+)*")
LONGEST_LOCATION = 200
BALANCES = {"roundrobin", "leastconn", "source"}
# HAProxy answers these itself, so a service there would never be reached.
RESERVED = {"/stats", "/stats/times", "/logs", "/healthz", "/readyz", "/metrics"}

Lookup = Callable[[str], str | None]


@dataclass(frozen=True)
class LeftOut:
    """A key that is not used, and the reason."""

    key: str
    why: str


@dataclass(frozen=True)
class Service:
    """One service: where it is, how its load is spread, and its instances."""

    name: str
    location: str
    balance: str = "roundrobin"
    instances: dict[str, Upstream] = field(default_factory=dict)

    @property
    def sticky(self) -> bool:
        """Say whether a client stays on one instance."""
        return self.balance == "source"


@dataclass(frozen=True)
class Routes:
    """All services by name, and what was left out."""

    services: dict[str, Service] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()


@dataclass
class _Draft:
    location: str | None = None
    balance: str = "roundrobin"
    instances: dict[str, Upstream] = field(default_factory=dict)


def parse(values: Mapping[str, str], lookup: Lookup) -> Routes:
    """Turn the registry's keys below /services into routes.

    :param values: full key path -> value.
    :param lookup: returns the IP address of a host, or None while it has none.
    """
    drafts: dict[str, _Draft] = {}
    left_out: list[LeftOut] = []
    for key in sorted(values):
        try:
            _read(key, values[key], drafts, lookup)
        except ValueError as problem:
            left_out.append(LeftOut(key, str(problem)))
    services = _complete(drafts, left_out)
    return Routes(services, tuple(left_out))


def _read(key: str, value: str, drafts: dict[str, _Draft], lookup: Lookup) -> None:
    name, rest = _split(key)
    draft = drafts.get(name, _Draft())
    match rest:
        case ["location"]:
            draft.location = _location(value)
        case ["backend", "balance"]:
            if value not in BALANCES:
                raise ValueError("is not roundrobin, leastconn or source")
            draft.balance = value
        case ["upstream", instance] if NAME.fullmatch(instance):
            draft.instances[instance] = parse_upstream(value, lookup)
        case ["upstream", _]:
            raise ValueError("the name of the instance is malformed")
        case _:
            raise ValueError("is not a key of a service")
    # Only now: a service of which no key is good does not exist.
    drafts[name] = draft


def _split(key: str) -> tuple[str, list[str]]:
    name, *rest = key.removeprefix(f"{ROOT}/").split("/")
    if not NAME.fullmatch(name):
        raise ValueError("the name of the service is malformed")
    return name, rest


def _location(value: str) -> str:
    location = value.removesuffix("/") if value.startswith("/") else "-"
    segments = location.split("/")
    if (
        len(location) > LONGEST_LOCATION
        or not LOCATION.fullmatch(location)
        or "." in segments
        or ".." in segments
    ):
        raise ValueError("is not a path such as /api/users")
    if location in RESERVED:
        raise ValueError("is a path of the load balancer itself")
    return location or "/"


def _complete(drafts: dict[str, _Draft], left_out: list[LeftOut]) -> dict[str, Service]:
    services: dict[str, Service] = {}
    owners: dict[str, str] = {}
    # By name, so that every renderer picks the same winner for a location.
    for name in sorted(drafts):
        draft = drafts[name]
        if draft.location is None:
            left_out.append(LeftOut(f"{ROOT}/{name}", "has no usable location"))
        elif draft.location in owners:
            why = f"{draft.location} belongs to the service {owners[draft.location]}"
            left_out.append(LeftOut(f"{ROOT}/{name}/location", why))
        else:
            owners[draft.location] = name
            services[name] = Service(
                name, draft.location, draft.balance, draft.instances
            )
    return services
