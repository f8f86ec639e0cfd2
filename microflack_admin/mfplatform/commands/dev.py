"""Route a service's traffic to a server in a developer's shell, and back.

python -m mfplatform.commands.dev start SERVICE PORT PATH BALANCE
python -m mfplatform.commands.dev stop SERVICE
"""

import socket
import sys

from mfplatform.runtime import base
from mfplatform.state.home import Home, PlatformError
from microflack_common.registry import Registry, RegistryError

# The greatest there is; instances have 1, so they see a request in 257.
WEIGHT = 256
ANSWER_TIMEOUT_SECONDS = 2
# Where the shell is, the load balancer is, too.
HERE = "127.0.0.1"


def start(
    registry: Registry, service: str, address: str, path: str, balance: str
) -> str:
    """Route a service's traffic to an address."""
    registry.put(f"/services/{service}/location", path)
    registry.put(f"/services/{service}/backend/balance", balance)
    registry.put(f"/services/{service}/upstream/dev", f"{address} weight {WEIGHT}")
    return f"{path} goes to {address}. End it: mfdev stop {service}"


def hint(host: str, port: int) -> None:
    """Say what is missing when nobody listens yet."""
    try:
        socket.create_connection((host, port), timeout=ANSWER_TIMEOUT_SECONDS).close()
    except OSError:
        print(
            f"Nothing answers on port {port} yet. Start it: flask run --port {port}",
            file=sys.stderr,
        )


def stop(registry: Registry, service: str) -> str:
    """Route a service's traffic to its instances again."""
    if not registry.delete(f"/services/{service}/upstream/dev"):
        return f"{service} was not being developed"
    if not registry.tree(f"/services/{service}/upstream").values:
        registry.delete(f"/services/{service}", recursive=True)
        return f"{service} has no instance, so nothing answers for it now"
    return f"{service} is served by its instances again"


def main(arguments: list[str]) -> int:
    """Change the registry and say what follows from it."""
    verb, service, *rest = arguments
    home = Home.here()
    try:
        base.running(home)
        registry = Registry(home.etcd)
        if verb == "start":
            port, path, balance = rest
            hint(HERE, int(port))
            address = f"{HERE}:{port}"
            print(start(registry, service, address, path, balance))
        else:
            print(stop(registry, service))
    except (PlatformError, RegistryError) as error:
        print(f"mfdev: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
