"""What a member is among the others, in a word for `mfstatus`."""

import http.client
import json
import re
import socket
import subprocess
from collections.abc import Callable
from contextlib import suppress

from mfplatform.state import queue_access, redundancy
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.probes import ANSWER_TIMEOUT_SECONDS
from mfplatform.state.redundancy import MemberHost

Note = Callable[[Home, MemberHost], str]


def nothing(_home: Home, _host: MemberHost) -> str:
    """Return nothing: it is as all of its kind."""
    return ""


def etcd(home: Home, host: MemberHost) -> str:
    """Tell whether a member of the registry leads, or hears a leader."""
    address = f"{host.address}:{home.settings['ETCD_PORT']}"
    connection = http.client.HTTPConnection(address, timeout=ANSWER_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/health")
        told = json.loads(connection.getresponse().read())
        return "member" if told.get("health") == "true" else "no leader"
    except (OSError, http.client.HTTPException, ValueError):
        return ""
    finally:
        connection.close()


def redis(home: Home, host: MemberHost) -> str:
    """Return "master" or "slave", as Redis calls it."""
    try:
        # Its length, a heading, and then the role.
        found = queue_access.ask(home, "INFO replication", host.address, skip=2)
    except (OSError, PlatformError):
        return ""
    return found.removeprefix("role:")


def address(home: Home, host: MemberHost) -> str:
    """Return the address that wanders if a host has it."""
    wandering = home.settings.get(redundancy.ADDRESS, "")
    found = _devices(wandering, int(home.settings["MF_PORT"]))
    own = _devices(host.address, int(home.settings["SERVICES_PORT"]))
    return wandering if found and found == own else ""


def _devices(address: str, port: int) -> str:
    """Return the device that has an address, as this host knows it, "" if none has."""
    with suppress(OSError):
        socket.create_connection((address, port), ANSWER_TIMEOUT_SECONDS).close()
    if f'"local":"{address}"' in _ip("-json", "address", "show"):
        return "here"
    found = re.search(r"lladdr (\S+)", _ip("neighbour", "show", address))
    return found[1] if found else ""


def _ip(*words: str) -> str:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    return done.stdout
