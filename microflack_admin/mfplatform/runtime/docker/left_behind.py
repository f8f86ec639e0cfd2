"""What serves though no engine answers, as when only the engine has died."""

import socket
from collections.abc import Iterable

from mfplatform.state import instances
from mfplatform.state.home import Home
from mfplatform.state.parts import PartSpec

CONNECT_TIMEOUT_SECONDS = 2


def names(home: Home, parts: Iterable[PartSpec]) -> list[str]:
    """Return the parts and instances at whose ports somebody listens."""
    if not home.was_started:
        return []
    ports = {one.name: home.settings.get(one.port) for one in parts}
    ports |= {one.name: str(one.port) for one in instances.all_instances(home)}
    return [name for name, port in ports.items() if port and _listens(home, port)]


def _listens(home: Home, port: str) -> bool:
    try:
        address = (home.host, int(port))
        socket.create_connection(address, CONNECT_TIMEOUT_SECONDS).close()
    except OSError:
        return False
    return True
