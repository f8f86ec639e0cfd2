"""Wait until every service answers through the load balancer; print the URL.

python -m mfplatform.commands.wait_ready SERVICE...
"""

import sys
import time

from mfplatform.state import lb_state
from mfplatform.state.home import Home
from mfplatform.state.patience import Deadline
from mfplatform.state.probes import http_status
from microflack_common.registry import Registry, RegistryError

ROUTED_TIMEOUT_SECONDS = 30


def problem(home: Home, registry: Registry, service: str) -> str | None:
    """Say what is wrong with the way to a service, if anything is."""
    try:
        location = registry.get(f"/services/{service}/location")
        balancer, _ = lb_state.read(registry)
    except RegistryError as error:
        return str(error)
    found = balancer.services.get(service, {}).get("instances", {}).values()
    if location is None or not any(one["state"] == "ready" for one in found):
        return "no instance is routed"
    status = http_status(home.balancer.removeprefix("http://"), location)
    if status is None:
        return f"{home.balancer}{location} does not answer"
    # It is the service that answers since it has a route; it may well want a token.
    return f"{home.balancer}{location} answers {status}" if status >= 500 else None


def main() -> int:
    """Wait for the services named on the command line."""
    home = Home.here()
    registry = Registry(home.etcd)
    deadline = Deadline(ROUTED_TIMEOUT_SECONDS)
    waiting = sys.argv[1:]
    while waiting:
        problems = {name: problem(home, registry, name) for name in waiting}
        waiting = [name for name in waiting if problems[name]]
        if waiting and deadline.is_over():
            for name in waiting:
                print(f"mfup: {name}: {problems[name]}", file=sys.stderr)
            return 1
        time.sleep(0.1 if waiting else 0)
    print(f"{home.url}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
