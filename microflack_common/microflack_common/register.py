"""Keep this instance in the registry while it serves."""

import logging
from collections.abc import Callable

from microflack_common.config import Instance
from microflack_common.outage import Outage
from microflack_common.registry import Registry, RegistryError
from microflack_common.workers import PeriodicTask

logger = logging.getLogger(__name__)

# An instance that dies without a word is forgotten after the time to live; it takes
# three failed refreshes in a row until a living one is.
TTL_SECONDS = 50
REFRESH_SECONDS = 15.0
# Between two looks whether the instance is ready, and between two tries to reach the
# registry.
READY_PAUSE_SECONDS = 0.05
RETRY_SECONDS = 1.0


class Registration:
    """Registers an instance once it is ready and refreshes its key until it leaves.

    :param registry: where to write.
    :param instance: what to write.
    :param ready: says whether the instance can do its job.
    :param refresh_seconds: between two refreshes.
    """

    def __init__(
        self,
        registry: Registry,
        instance: Instance,
        ready: Callable[[], bool],
        refresh_seconds: float = REFRESH_SECONDS,
    ) -> None:
        self._registry = registry
        self._instance = instance
        self._ready = ready
        self._service = f"/services/{instance.service}"
        self._key = f"{self._service}/upstream/{instance.name}"
        self._registered = False
        self._task = PeriodicTask(
            "registration",
            self._refresh,
            refresh_seconds,
            Outage("Cannot register, trying again", "Registered again", RegistryError),
            at_once=True,
            retry_seconds=RETRY_SECONDS,
        )

    def start(self) -> None:
        """Wait, in a thread, until the instance is ready; then keep it registered."""
        self._task.start()

    def leave(self) -> None:
        """Take the instance out of the registry; its requests go elsewhere from now."""
        # It waits for a refresh that is on its way: that would bring the key back.
        self._task.stop()
        try:
            # Not what another one has written that came in its place, on another host.
            self._registry.delete_if(self._key, self._instance.address)
            logger.info("Left the registry: %s", self._key)
        except RegistryError as error:
            logger.warning("Could not leave the registry: %s", error)

    def _refresh(self) -> None:
        while not self._registered and not self._ready():
            if self._task.wait(READY_PAUSE_SECONDS):
                return
        self._keep(f"{self._service}/location", self._instance.url)
        for location in self._instance.locations:
            name = location.strip("/").replace("/", "-")
            self._keep(f"{self._service}/locations/{name}", location)
        self._keep(f"{self._service}/backend/balance", self._instance.balance)
        self._registry.put(self._key, self._instance.address, ttl=TTL_SECONDS)
        if not self._registered:
            self._registered = True
            logger.info("Registered %s at %s", self._key, self._instance.address)

    def _keep(self, key: str, value: str) -> None:
        # Writing an unchanged value would wake everybody who watches.
        if self._registry.get(key) != value:
            self._registry.put(key, value)
