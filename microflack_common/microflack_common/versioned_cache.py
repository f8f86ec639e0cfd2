"""Keep whole answers for as long as the version of what they show is the same.

Something changes with everything that an answer shows, such as the last number of a
room's counter: its version. To read the version is little work, and it says whether an
answer can be given again, or whether the client has it already (304). The version is
read for each request, after the request came: who has written something reads it,
whichever instance he asks. Those who ask at the same time share one read.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from hashlib import blake2b
from typing import Any, NamedTuple, TypeVar

from flask import Response, request

from microflack_common.audience import Audience

T = TypeVar("T")
Query = Hashable
Version = Hashable
Key = tuple[Audience, Query]

MAX_BYTES = 16 * 1024 * 1024
# A read that takes longer holds up nobody: others are begun beside it.
READ_TIMEOUT_SECONDS = 1.0


class Answer(NamedTuple):
    """A body in JSON, the version that it shows, and the tag that names both."""

    version: Version
    body: bytes
    tag: str


class VersionedCache:
    """Answers in JSON. It can be shared by threads.

    :param release: of the service. The same rows look different in another one.
    :param max_bytes: of the answers that are kept.
    """

    def __init__(self, release: str, max_bytes: int = MAX_BYTES) -> None:
        self._release = release
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._answers: OrderedDict[Key, Answer] = OrderedDict()
        self._bytes = 0
        self._reads = _SharedReads()

    def respond(
        self,
        audience: Audience,
        query: Query,
        read_version: Callable[[], Version],
        make: Callable[[], tuple[Version, bytes]],
    ) -> Response:
        """Answer the request that is handled: 200 with a body, or 304 without one.

        Raises what ``read_version`` and ``make`` raise.

        :param audience: who may read the answer. Whether the client belongs to it was
            checked for this request.
        :param query: all else that the answer depends on. With the version, it names
            the answer: what represents it must not change from process to process.
        :param read_version: reads the version of all that the audience may read, as it
            is when it is called.
        :param make: makes the body and returns it with the version that it shows, both
            from one snapshot of the database.
        """
        key = (audience, query)
        version = self._reads.read(audience, read_version)
        answer = self._find(key, version)
        if "HTTP_IF_NONE_MATCH" in request.environ:
            tag = answer.tag if answer else self._tag(key, version)
            if request.if_none_match.contains_weak(tag):
                return _response(304, tag)
        if answer is None:
            answer = self._reads.read(
                (key, version),
                lambda: self._find(key, version) or self._keep(key, make),
            )
        return _response(200, answer.tag, answer.body)

    def _find(self, key: Key, version: Version) -> Answer | None:
        with self._lock:
            answer = self._answers.get(key)
            if answer is None or answer.version != version:
                return None
            self._answers.move_to_end(key)
            return answer

    def _keep(self, key: Key, make: Callable[[], tuple[Version, bytes]]) -> Answer:
        version, body = make()
        answer = Answer(version, body, self._tag(key, version))
        with self._lock:
            if before := self._answers.pop(key, None):
                self._bytes -= len(before.body)
            self._answers[key] = answer
            self._bytes += len(body)
            while self._bytes > self._max_bytes:
                _, oldest = self._answers.popitem(last=False)
                self._bytes -= len(oldest.body)
        return answer

    def _tag(self, key: Key, version: Version) -> str:
        named = repr((self._release, key, version)).encode()
        return blake2b(named, digest_size=12).hexdigest()


class _SharedRead:
    """A read that several ask for: one at a time, which counts for all who wait."""

    def __init__(self) -> None:
        self.askers = self.begun = 0
        self._turn = threading.Lock()
        # Which read was the last to end, and what it returned.
        self._ended = 0
        self._value: Any = None

    def read(self, first: int, read: Callable[[], T]) -> T:
        """Return what a read returns, of which ``first`` is the first that will do."""
        if not self._turn.acquire(timeout=READ_TIMEOUT_SECONDS):
            return read()
        try:
            if self._ended < first:
                self.begun = begun = self.begun + 1
                self._value = read()
                self._ended = begun
            value: T = self._value
            return value
        finally:
            self._turn.release()


class _SharedReads:
    """Reads that are shared by all who ask for the same before they begin."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reads: dict[Hashable, _SharedRead] = {}

    def read(self, key: Hashable, read: Callable[[], T]) -> T:
        """Return what ``read``, or another's with the same key, returns.

        It is called after this call began. Raises what it raises.
        """
        with self._lock:
            shared = self._reads.get(key)
            if shared is None:
                shared = self._reads[key] = _SharedRead()
            shared.askers += 1
            # What has begun may not see what this asker knows of.
            first = shared.begun + 1
        try:
            return shared.read(first, read)
        finally:
            with self._lock:
                shared.askers -= 1
                if not shared.askers:
                    del self._reads[key]


def _response(status: int, tag: str, body: bytes | None = None) -> Response:
    headers = {
        # Weak: a proxy may compress the body.
        "ETag": f'W/"{tag}"',
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization",
    }
    return Response(body, status, headers, mimetype="application/json")
