"""Gather the logs of a platform's containers into files, one for each.

The engine is asked through its socket. Reference: "Docker Engine API", version 1.41,
ContainerLogs and SystemEvents.
"""

import http.client
import json
import logging
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from mfplatform.logs.log_folder import Store
from mfplatform.unix_http import UnixConnection

log = logging.getLogger(__name__)

API = "/v1.41"
RETRY = 1.0
HEADER = 8


class Engine:
    """What the collector asks of the engine; it changes nothing."""

    def __init__(self, socket: Path, platform: str) -> None:
        self._socket = socket
        self._labels = [f"microflack.platform={platform}"]

    def running(self) -> dict[str, str]:
        """Return the ids of the containers that run now, and their names."""
        filters = json.dumps({"label": self._labels})
        with self._get("/containers/json", filters=filters) as answer:
            listed = json.loads(answer.read())
        return {one["Id"]: one["Names"][0].lstrip("/") for one in listed}

    def starts(self) -> Iterator[tuple[str, str]]:
        """Yield id and name of each container that starts from now on."""
        filters = {"label": self._labels, "type": ["container"], "event": ["start"]}
        with self._get("/events", filters=json.dumps(filters)) as answer:
            # The first bytes tell that the engine watches: none is missed after them.
            yield "", ""
            for line in answer:
                event = json.loads(line)["Actor"]
                yield event["ID"], event["Attributes"]["name"]

    def lines(self, container: str, after: str) -> Iterator[tuple[str, bytes]]:
        """Yield time and text of what a container writes after a time."""
        options = {"follow": 1, "stdout": 1, "stderr": 1, "timestamps": 1}
        path = f"/containers/{container}/logs"
        for stamp, text in self._read(path, **options, since=_seconds(after)):
            # The engine includes the moment that it is asked to begin at.
            if _sortable(stamp) > _sortable(after):
                yield stamp, text

    def _read(self, path: str, **options: Any) -> Iterator[tuple[str, bytes]]:
        with self._get(path, **options) as answer:
            begun: dict[int, tuple[str, bytes]] = {}
            while len(header := answer.read(HEADER)) == HEADER:
                stream = header[0]
                raw = answer.read(int.from_bytes(header[4:], "big"))
                stamp, _, text = raw.partition(b" ")
                # A long line comes in pieces, each with a time in front.
                first, before = begun.pop(stream, (stamp.decode("ascii"), b""))
                if text.endswith(b"\n"):
                    yield first, before + text
                else:
                    begun[stream] = (first, before + text)
            yield from begun.values()

    def _get(self, path: str, **options: Any) -> "_Answer":
        connection = UnixConnection(str(self._socket), timeout=None)
        connection.request("GET", f"{API}{path}?{urlencode(options)}")
        response = connection.getresponse()
        if response.status != 200:
            said = response.read().decode("utf-8", "replace").strip()
            connection.close()
            raise OSError(f"the engine answers {response.status}: {said}")
        return _Answer(connection, response)


class _Answer:
    """An answer that is read bit by bit, and closed with its connection."""

    def __init__(
        self, connection: UnixConnection, response: http.client.HTTPResponse
    ) -> None:
        self._connection = connection
        self._response = response

    def __enter__(self) -> http.client.HTTPResponse:
        return self._response

    def __exit__(self, *_exception: object) -> None:
        self._connection.close()


def _seconds(stamp: str) -> str:
    """Return a time as the engine wants it in a question."""
    if not stamp:
        return "0"
    whole, _, fraction = stamp.rstrip("Z").partition(".")
    seconds = int(datetime.fromisoformat(f"{whole}+00:00").timestamp())
    return f"{seconds}.{fraction or 0}"


def _sortable(stamp: str) -> str:
    # Zeros at the end of a fraction are not always written.
    whole, _, fraction = stamp.rstrip("Z").partition(".")
    return f"{whole}.{fraction:0<9}"


class Gatherer:
    """Follows every container of a platform, each in a thread of its own."""

    def __init__(self, engine: Engine, store: Store, prefix: str) -> None:
        self._engine = engine
        self._store = store
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
            time.sleep(RETRY)

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
            after = self._store.position(container)
            for stamp, text in self._engine.lines(container, after):
                self._store.add(container, source, stamp, text)
        except (OSError, http.client.HTTPException, ValueError) as error:
            log.warning("The log of %s ended: %s", source, error)
        finally:
            with self._lock:
                self._followed.discard(container)
