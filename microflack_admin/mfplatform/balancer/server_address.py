"""Parse what an instance registers: ``HOST:PORT [weight N] [maxconn N] [backup]``."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address

MAX_VALUE_CHARACTERS = 300
MAX_HOST_CHARACTERS = 253
MAX_WEIGHT = 256
MAX_CONNECTIONS = 100_000
HOST_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
HOST_AND_PORT = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")

Lookup = Callable[[str], str | None]


@dataclass(frozen=True)
class ServerAddress:
    """The address that an instance registered, its IP address and its options."""

    address: str
    ip: str
    port: int
    weight: int = 1
    maxconn: int = 0
    backup: bool = False

    @property
    def endpoint(self) -> str:
        """Return IP:PORT as HAProxy writes it, whatever name was registered."""
        return (
            f"[{self.ip}]:{self.port}" if ":" in self.ip else f"{self.ip}:{self.port}"
        )


def parse_server_address(value: str, lookup: Lookup) -> ServerAddress:
    """Return the address that ``value`` describes.

    :param lookup: returns the IP address of a host, or None while it has none.
    :raises ValueError: says what is wrong with the value.
    """
    if (
        len(value) > MAX_VALUE_CHARACTERS
        or not value.isascii()
        or not value.isprintable()
    ):
        raise ValueError("is too long or has characters that do not belong there")
    address, *words = value.split(" ")
    match = HOST_AND_PORT.fullmatch(address)
    if not match or not 0 < int(match[2]) < 65536:
        raise ValueError("does not begin with HOST:PORT")
    options = _parse_options([word for word in words if word])
    return ServerAddress(
        address,
        _resolve(match[1], lookup),
        port=int(match[2]),
        weight=options.get("weight", 1),
        maxconn=options.get("maxconn", 0),
        backup="backup" in options,
    )


def _parse_options(words: list[str]) -> dict[str, int]:
    options: dict[str, int] = {}
    while words:
        name = words.pop(0)
        if name in options:
            raise ValueError(f"has the option {name} twice")
        if name == "backup":
            options[name] = 1
        elif name == "weight":
            options[name] = _parse_number(name, words, MAX_WEIGHT)
        elif name == "maxconn":
            options[name] = _parse_number(name, words, MAX_CONNECTIONS)
        else:
            raise ValueError(f"has the unknown option {name[:40]!r}")
    return options


def _parse_number(option: str, words: list[str], highest: int) -> int:
    word = words.pop(0) if words else ""
    if not re.fullmatch(r"[0-9]{1,6}", word) or int(word) > highest:
        raise ValueError(f"has no number from 0 to {highest} after {option}")
    return int(word)


def _resolve(host: str, lookup: Lookup) -> str:
    try:
        if host.startswith("["):
            return str(IPv6Address(host[1:-1]))
        if re.fullmatch(r"[0-9.]+", host):
            return str(IPv4Address(host))
    except AddressValueError:
        raise ValueError(f"{host} is not an IP address") from None
    labels = host.split(".")
    if len(host) > MAX_HOST_CHARACTERS or not all(map(HOST_LABEL.fullmatch, labels)):
        raise ValueError(f"{host[:80]!r} is not the name of a host")
    ip = lookup(host)
    if ip is None:
        raise ValueError(f"the name {host} has no address (yet)")
    return ip
