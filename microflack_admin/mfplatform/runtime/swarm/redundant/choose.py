"""Whether a platform is to be redundant, on which hosts, and at which address."""

import errno
import json
import socket
import subprocess
from collections.abc import Mapping
from ipaddress import AddressValueError, IPv4Address, IPv4Interface, IPv4Network

from mfplatform.runtime.docker.engine import EngineError
from mfplatform.runtime.swarm import hosts
from mfplatform.state import redundancy
from mfplatform.state.asked_settings import asked_for
from mfplatform.state.home import Home

NONE = "none"
# What is there answers at once, if only that nobody listens.
ANSWER_SECONDS = 2.0
DISCARD_PORT = 9
# What has no place on several hosts yet.
ALONE = (
    "MF_DOMAIN",
    "MF_CERT",
    "MF_TLS",
    "MF_DATABASE_IMAGE",
    "MF_QUEUE_IMAGE",
    "MF_REGISTRY_IMAGE",
)


def asked(home: Home, environ: Mapping[str, str]) -> dict[str, str]:
    """Return what is to be recorded of it.

    :raises ValueError: what was asked for makes no sense.
    :raises PlatformError: it cannot be.
    """
    recorded = home.settings
    address = asked_for(redundancy.ADDRESS, environ)
    if not redundancy.wanted(recorded, environ):
        if address:
            raise ValueError(
                f"{redundancy.ADDRESS} is for several load balancers: mfup --swarm "
                "--redundant"
            )
        return {}
    _refuse_what_is_alone(environ)
    found = {redundancy.SETTING: "yes"}
    if redundancy.HOSTS not in recorded:
        found |= _chosen()
    if address:
        found[redundancy.ADDRESS] = _address(recorded | found, address)
    return found


def _refuse_what_is_alone(environ: Mapping[str, str]) -> None:
    told = {one: asked_for(one, environ) or environ.get(one, "") for one in ALONE}
    found = [one for one, value in told.items() if value not in ("", "off")]
    if found:
        raise EngineError(
            f"a redundant platform cannot have this yet: {', '.join(found)}. For TLS "
            "put a proxy in front of it (MF_TRUSTED_PROXIES)"
        )


def _chosen() -> dict[str, str]:
    """Return the managers that get members: this one first."""
    own = hosts.check_manager()["NodeID"]
    managers = [
        one
        for one in hosts.nodes()
        if one["Spec"]["Role"] == "manager"
        and one["Spec"]["Availability"] == "active"
        and not hosts.is_down(one)
    ]
    if len(managers) < redundancy.MEMBERS:
        raise EngineError(
            f"a redundant platform needs {redundancy.MEMBERS} managers that take "
            f"instances, and this swarm has {len(managers)}. Add one (docker swarm "
            "join-token manager) or make one of a worker (docker node promote HOST); "
            "or do without --redundant"
        )
    managers.sort(key=lambda one: (one["ID"] != own, one["Description"]["Hostname"]))
    first = managers[: redundancy.MEMBERS]
    return redundancy.record({one["ID"]: hosts.address(one) for one in first})


def _address(settings: Mapping[str, str], text: str) -> str:
    """Return the address that wanders, checked."""
    if text == NONE:
        return ""
    try:
        address = IPv4Address(text)
    except AddressValueError:
        raise ValueError(
            f"{redundancy.ADDRESS} must be an IPv4 address, not '{text}'"
        ) from None
    if text == settings.get(redundancy.ADDRESS):
        return text
    first = redundancy.hosts(settings)[0].address
    network = _network(first)
    if address not in network:
        raise EngineError(
            f"{redundancy.ADDRESS} {text} is not in the network of the hosts, "
            f"{network}. Choose one there that nobody has"
        )
    if _is_taken(text):
        raise EngineError(
            f"somebody has the address {text} already. Choose one that nobody has: "
            f"{redundancy.ADDRESS}=ADDRESS"
        )
    return text


def _network(address: str) -> IPv4Network:
    command = ["ip", "-json", "-4", "address", "show"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for device in json.loads(done.stdout):
        for one in device["addr_info"]:
            if one["local"] == address:
                return IPv4Interface(f"{address}/{one['prefixlen']}").network
    raise EngineError(f"no device of this host has the address {address}")


def _is_taken(address: str) -> bool:
    try:
        socket.create_connection((address, DISCARD_PORT), ANSWER_SECONDS).close()
    except OSError as error:
        return error.errno == errno.ECONNREFUSED
    return True
