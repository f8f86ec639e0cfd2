"""Start an instance at the address of the host that it has come to.

    python3 launch.py COMMAND [ARG...]
    python3 launch.py --healthy

SERVICE_ADDRESS names the port, and the host from which the platform is run: which of
its own addresses a host has towards that one is known only where the instance starts.
--healthy asks the instance whether it lives. One file that needs nothing but Python
itself: in a container it is alone.
"""

import os
import socket
import sys
import urllib.request

HEALTH_TIMEOUT_SECONDS = 5


def own_address(peer: str, port: int) -> str:
    """Return this host's address on the way to another; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((peer, port))
        return str(probe.getsockname()[0])


def main(arguments: list[str]) -> None:
    """Become the command, or fail unless the instance lives."""
    peer, _, port = os.environ["SERVICE_ADDRESS"].rpartition(":")
    own = own_address(peer, int(port))
    if arguments == ["--healthy"]:
        url = f"http://{own}:{port}/healthz"
        urllib.request.urlopen(url, timeout=HEALTH_TIMEOUT_SECONDS).close()
    else:
        os.environ |= {"SERVICE_ADDRESS": f"{own}:{port}", "HOST_IP_ADDRESS": own}
        os.execvp(arguments[0], arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
