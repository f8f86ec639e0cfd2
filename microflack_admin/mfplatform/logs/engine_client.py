"""Ask the engine that runs a platform's containers for them and for their logs.

It is asked through its socket. Reference: version 1.41 of its API, ContainerLogs and
SystemEvents.
"""

import http.client
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from mfplatform.unix_http import UnixConnection

API_PATH = "/v1.41"
# Before each piece of a log: its stream in the first byte, its size in the last four.
HEADER_BYTES = 8


class EngineClient:
    """What the log collector asks of the engine; it changes nothing.

    Every method raises OSError, HTTPException or ValueError when the engine is away.
    """

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
        """Yield id and name of each container that starts from now on.

        The first pair is empty: it tells that no start is missed any more.
        """
        filters = {"label": self._labels, "type": ["container"], "event": ["start"]}
        with self._get("/events", filters=json.dumps(filters)) as answer:
            yield "", ""
            for line in answer:
                event = json.loads(line)["Actor"]
                yield event["ID"], event["Attributes"]["name"]

    def lines(self, container: str, after: str) -> Iterator[tuple[str, bytes]]:
        """Yield time and text of what a container writes after a time."""
        options = {"follow": 1, "stdout": 1, "stderr": 1, "timestamps": 1}
        path = self._path(container)
        for stamp, text in self._read_lines(path, **options, since=_seconds(after)):
            # The engine includes the moment that it is asked to begin at.
            if _sortable(stamp) > _sortable(after):
                yield stamp, text

    def _path(self, source: str) -> str:
        return f"/containers/{source}/logs"

    def _read_lines(self, path: str, **options: Any) -> Iterator[tuple[str, bytes]]:
        with self._get(path, **options) as answer:
            unfinished: dict[int, tuple[str, bytes]] = {}
            while len(header := answer.read(HEADER_BYTES)) == HEADER_BYTES:
                stream = header[0]
                raw = answer.read(int.from_bytes(header[4:], "big"))
                stamp, _, text = raw.partition(b" ")
                # A long line comes in pieces, each with a time in front.
                default = (stamp.decode("ascii"), b"")
                first_stamp, before = unfinished.pop(stream, default)
                if text.endswith(b"\n"):
                    yield first_stamp, before + text
                else:
                    unfinished[stream] = (first_stamp, before + text)
            yield from unfinished.values()

    def _get(self, path: str, **options: Any) -> "_Answer":
        connection = UnixConnection(str(self._socket), timeout=None)
        connection.request("GET", f"{API_PATH}{path}?{urlencode(options)}")
        response = connection.getresponse()
        if response.status != 200:
            problem = response.read().decode("utf-8", "replace").strip()
            connection.close()
            raise OSError(f"the engine answers {response.status}: {problem}")
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
