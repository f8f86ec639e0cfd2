"""Keep this instance in the registry while it serves."""

import logging
import threading
from collections.abc import Callable

from microflack_common.config import Instance
from microflack_common.registry import Registry, RegistryError

logger = logging.getLogger(__name__)

# Seconds: an instance that dies without a word is forgotten after TTL; it takes three
# failed refreshes in a row until a living one is.
TTL = 50
REFRESH = 15
# Seconds between two looks whether the instance is ready, and between two tries to
# reach the registry.
PAUSE = 0.05
RETRY = 1.0


class Registration(threading.Thread):
    """Register an instance once it is ready and refresh its key until told to leave.

    :param registry: where to write.
    :param instance: what to write.
    :param ready: says whether the instance can do its job.
    """

    def __init__(
        self, registry: Registry, instance: Instance, ready: Callable[[], bool]
    ) -> None:
        super().__init__(name="registration", daemon=True)
        self._registry = registry
        self._instance = instance
        self._ready = ready
        self._left = threading.Event()
        self._key = f"/services/{instance.service}/upstream/{instance.name}"

    def run(self) -> None:
        """Wait until ready, then write the keys again and again."""
        while not self._ready():
            if self._left.wait(PAUSE):
                return
        registered = False
        while not self._left.is_set():
            written = self._write()
            if written and not registered:
                registered = True
                logger.info("Registered %s at %s", self._key, self._instance.address)
            self._left.wait(REFRESH if written else RETRY)

    def leave(self) -> None:
        """Take the instance out of the registry; its requests go elsewhere from now."""
        self._left.set()
        # Wait for a refresh that is on its way: it would bring the key back.
        if self.is_alive():
            self.join(timeout=5)
        try:
            self._registry.delete(self._key)
            logger.info("Left the registry: %s", self._key)
        except RegistryError as error:
            logger.warning("Could not leave the registry: %s", error)

    def _write(self) -> bool:
        service = f"/services/{self._instance.service}"
        try:
            self._keep(f"{service}/location", self._instance.url)
            self._keep(f"{service}/backend/balance", self._instance.balance)
            self._registry.put(self._key, self._instance.address, ttl=TTL)
        except RegistryError as error:
            logger.warning("Could not register, trying again: %s", error)
            return False
        return True

    def _keep(self, key: str, value: str) -> None:
        # Writing an unchanged value would wake everybody who watches.
        if self._registry.get(key) != value:
            self._registry.put(key, value)
