"""Put lists together from pieces of JSON that are kept from one request to the next.

Most of what a list takes is reading and encoding rows that have not changed since the
last time. So the database is asked for a short tag of each row only, in one value; what
belongs to a tag that is known is in memory, and only the other rows are read. As the
tag changes with the row, nothing old is ever shown, however many instances write. Where
not even a tag has changed, the whole answer is there already.
"""

import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

Listed = Sequence[tuple[int, str]]
Fetch = Callable[[list[int]], Iterable[tuple[int, str, Mapping[str, Any]]]]

MAX_BYTES = 16 * 1024 * 1024
MAX_ANSWERS = 16


class Fragments:
    """The JSON of rows by id. It can be shared by threads.

    :param max_bytes: what is kept at most; then it begins anew.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._kept: dict[int, tuple[str, bytes]] = {}
        self._bytes = 0
        self._answers: dict[Hashable, bytes] = {}

    def answer(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """Return what ``make`` makes, or has made of late for the same key.

        :param key: all that the answer depends on, the tags of its rows among it.
        """
        answer = self._answers.get(key)
        if answer is None:
            answer = make()
            if len(self._answers) >= MAX_ANSWERS:
                self._answers = {}
            self._answers[key] = answer
        return answer

    def array(self, listed: Listed, fetch: Fetch) -> bytes:
        """Return a JSON array of the rows with these ids and tags, in their order.

        :param fetch: reads the rows with some ids: their ids, tags and models. A row
            that is not there any more is left out.
        """
        pieces: dict[int, bytes] = {}
        missing = []
        for row_id, tag in listed:
            kept = self._kept.get(row_id)
            if kept and kept[0] == tag:
                pieces[row_id] = kept[1]
            else:
                missing.append(row_id)
        if missing:
            for row_id, tag, model in fetch(missing):
                pieces[row_id] = self._keep(row_id, tag, model)
        found = (pieces[row_id] for row_id, _ in listed if row_id in pieces)
        return b"[" + b",".join(found) + b"]"

    def _keep(self, row_id: int, tag: str, model: Mapping[str, Any]) -> bytes:
        piece = json.dumps(model, separators=(",", ":")).encode()
        if self._bytes > self._max_bytes:
            self._kept, self._bytes = {}, 0
        # What it replaces still counts, which only makes the new beginning earlier.
        self._bytes += len(piece)
        self._kept[row_id] = (tag, piece)
        return piece
