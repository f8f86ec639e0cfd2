"""Who takes part in a cluster."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Member:
    """One of the servers of a cluster.

    :param name: tells it from the others; letters, digits and hyphens.
    :param address: the address of its host, at which the others find it.
    """

    name: str
    address: str

    def at(self, port: int) -> str:
        """Return HOST:PORT."""
        return f"{self.address}:{port}"


def addresses(members: Iterable[Member], port: int) -> str:
    """Return HOST:PORT of all members, with commas between them."""
    return ",".join(member.at(port) for member in members)
