"""Send what waits, for ever: the loop around queue and receiver."""

import logging
import os
import shutil
import signal
import socket
import threading
import time
from pathlib import Path

from mfplatform.logs.shipping import progress
from mfplatform.logs.shipping.destination import Destination, parse, queue_bytes
from mfplatform.logs.shipping.documents import Origin
from mfplatform.logs.shipping.elasticsearch import Elasticsearch
from mfplatform.logs.shipping.progress import Shipping
from mfplatform.logs.shipping.queue import LogQueue, own_folder
from mfplatform.logs.shipping.receiver import Receiver, ReceiverError
from mfplatform.logs.shipping.syslog import Syslog

log = logging.getLogger(__name__)

# A request stays below a megabyte, which is what many proxies let through.
MOST_LINES, MOST_BYTES = 1000, 500_000
LOOK_SECONDS = 1.0
# How long it waits after a failure: at first, and at most. It is doubled each time.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 5.0
TELL_SECONDS = 5.0


def connect(where: Destination, authority: str, origin: Origin) -> Receiver:
    """Return the receiver that an address means."""
    kind = Elasticsearch if where.protocol == "elasticsearch" else Syslog
    return kind(where, authority, origin)


class Shipper:
    """Sends the logs of a folder to one receiver."""

    def __init__(
        self, queue: LogQueue, receiver: Receiver, logs: Path, to: str, most_bytes: int
    ) -> None:
        self._queue = queue
        self._receiver = receiver
        self._logs = logs
        self._most_bytes = most_bytes
        self._pause = FIRST_PAUSE_SECONDS
        self._told_at = 0.0
        before = progress.read(logs)
        self._state = Shipping(
            to=to,
            waiting=0,
            away_since=None,
            reason=None,
            given_up=before["given_up"] if before else 0,
        )

    def run(self, ended: threading.Event) -> None:
        """Send until told to end; then once more, what was said last."""
        scanning = threading.Thread(target=self._scan_until, args=(ended,), daemon=True)
        scanning.start()
        while not ended.is_set():
            ended.wait(self._turn())
        scanning.join()
        self._turn()
        self._told_at = 0.0
        self._tell()
        self._receiver.close()

    def _scan_until(self, ended: threading.Event) -> None:
        # Besides all waiting for the receiver: meanwhile files are rotated away.
        while not ended.wait(LOOK_SECONDS):
            try:
                self._scan()
            except OSError as error:
                self._failed(str(error))

    def _scan(self) -> None:
        self._queue.scan()
        for source, count in self._queue.give_up(self._most_bytes).items():
            log.error("Gave up %d bytes of %s: too much waits", count, source)
            self._state["given_up"] += count
            self._told_at = 0.0

    def _turn(self) -> float:
        """Send all that waits; return for how many seconds nothing is to be done."""
        try:
            self._scan()
            while batch := self._queue.batch(MOST_LINES, MOST_BYTES):
                self._receiver.send(batch)
                self._queue.commit(batch)
                self._took()
        except (ReceiverError, OSError) as error:
            return self._failed(str(error))
        self._took()
        return LOOK_SECONDS

    def _took(self) -> None:
        if self._state["away_since"] is not None:
            log.warning("%s takes logs again", self._state["to"])
            self._told_at = 0.0
        self._state |= {"away_since": None, "reason": None}
        self._pause = FIRST_PAUSE_SECONDS
        self._tell()

    def _failed(self, reason: str) -> float:
        if self._state["away_since"] is None:
            log.warning("%s takes no logs: %s", self._state["to"], reason)
            self._state["away_since"] = int(time.time())
        if self._state["reason"] != reason:
            self._told_at = 0.0
        self._state["reason"] = reason
        self._tell()
        pause = self._pause
        self._pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        return pause

    def _tell(self) -> None:
        if time.monotonic() - self._told_at >= TELL_SECONDS or not self._told_at:
            self._state["waiting"] = self._queue.waiting_bytes()
            progress.write(self._logs, self._state)
            self._told_at = time.monotonic()


def start(logs: Path, ended: threading.Event) -> threading.Thread | None:
    """Send the logs of a folder from now on; None if nobody is to get them.

    LOGS_TO, LOGS_CA, LOGS_QUEUE and MF_PLATFORM of the environment say who is.
    """
    address = os.environ.get("LOGS_TO", "")
    if not address:
        # What waited would keep the place that it takes for ever.
        shutil.rmtree(own_folder(logs), ignore_errors=True)
        return None
    where = parse(address)
    origin = Origin(os.environ["MF_PLATFORM"], socket.gethostname())
    receiver = connect(where, os.environ.get("LOGS_CA", ""), origin)
    most_bytes = queue_bytes(os.environ.get("LOGS_QUEUE", ""))
    shipper = Shipper(LogQueue(logs), receiver, logs, where.name, most_bytes)
    thread = threading.Thread(target=_run, args=(shipper, ended), daemon=True)
    thread.start()
    return thread


def _run(shipper: Shipper, ended: threading.Event) -> None:
    try:
        shipper.run(ended)
    finally:
        # What nobody expected ends the whole process, which is then started anew.
        if not ended.is_set():
            os.kill(os.getpid(), signal.SIGTERM)
