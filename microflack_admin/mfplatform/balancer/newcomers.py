"""Services whose first instance is still to come: others go on with their paths.

An instance writes its service's location, and then its own address. A load balancer
that is quick between the two would send the paths to a service with nobody in it, and
answer 503 to those whom a monolith has served until then.
"""

from collections.abc import Mapping

from mfplatform.balancer.haproxy_state import HAProxyState
from mfplatform.balancer.routes import Service

# A service that stays empty has its paths after so long: they lead to nobody else then.
FIRST_INSTANCE_SECONDS = 10.0


class Newcomers:
    """Remembers since when services are there without an instance."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def routed(
        self, services: Mapping[str, Service], haproxy: HAProxyState, now: float
    ) -> dict[str, Service]:
        """Return the services but for those that are to wait for an instance.

        :param haproxy: what is served; a service that was routed once stays so.
        :param now: the time in seconds.
        """
        empty = [
            name
            for name, one in services.items()
            if not one.servers
            and name not in haproxy.services
            and _is_covered(one, services)
        ]
        self._since = {name: self._since.get(name, now) for name in empty}
        return {
            name: one
            for name, one in services.items()
            if name not in self._since
            or now - self._since[name] >= FIRST_INSTANCE_SECONDS
        }


def _is_covered(service: Service, services: Mapping[str, Service]) -> bool:
    """Say whether others serve all paths of a service as long as it is not there."""
    served = [
        location
        for other in services.values()
        if other.servers
        for location in other.locations
    ]
    return all(
        any(f"{path}/".startswith(f"{location.rstrip('/')}/") for location in served)
        for path in service.locations
    )
