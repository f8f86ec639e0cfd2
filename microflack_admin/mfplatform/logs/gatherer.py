"""Gather the logs of a platform's containers into files, one for each."""

import errno
import http.client
import logging
import threading
import time

from mfplatform.logs.engine_client import EngineClient
from mfplatform.logs.log_folder import LogFolder

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
FULL = (errno.ENOSPC, errno.EDQUOT)


class LogGatherer:
    """Follows every container of a platform, each in a thread of its own."""

    def __init__(self, engine: EngineClient, folder: LogFolder, prefix: str) -> None:
        self._engine = engine
        self._folder = folder
        self._prefix = prefix
        self._lock = threading.Lock()
        self._followed: set[str] = set()

    def run(self) -> None:
        """Gather for ever."""
        while True:
            try:
                self._watch()
            except (OSError, http.client.HTTPException, ValueError) as error:
                log.warning("The engine is away: %s", error)
            time.sleep(RETRY_SECONDS)

    def _watch(self) -> None:
        starts = self._engine.starts()
        next(starts)
        # Watched first, listed then: what starts in between is seen twice, not missed.
        for container, name in self._engine.running().items():
            self._follow(container, name)
        for container, name in starts:
            self._follow(container, name)

    def _follow(self, container: str, name: str) -> None:
        with self._lock:
            if container in self._followed:
                return
            self._followed.add(container)
        source = name.removeprefix(self._prefix)
        arguments = (container, source)
        threading.Thread(target=self._gather, args=arguments, daemon=True).start()

    def _gather(self, container: str, source: str) -> None:
        try:
            after = self._folder.position(container)
            for stamp, text in self._engine.lines(container, after):
                self._keep(container, source, stamp, text)
        except (OSError, http.client.HTTPException, ValueError) as error:
            log.warning("The log of %s ended: %s", source, error)
        finally:
            with self._lock:
                self._followed.discard(container)

    def _keep(self, container: str, source: str, stamp: str, text: bytes) -> None:
        """Write a line down as soon as there is room; until then the engine has it."""
        is_told = False
        while True:
            try:
                self._folder.add(container, source, stamp, text)
                return
            except OSError as error:
                if error.errno not in FULL:
                    raise
                if not is_told:
                    log.warning("The log of %s waits: the disk is full", source)
                is_told = True
            time.sleep(RETRY_SECONDS)
