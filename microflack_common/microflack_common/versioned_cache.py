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
from concurrent.futures import Future, wait
from hashlib import blake2b
from typing import Any, TypeVar

from flask import Response, request

from microflack_common.audience import Audience

T = TypeVar("T")
Query = Hashable
Version = Hashable

MAX_BYTES = 16 * 1024 * 1024
# A read that takes longer holds up nobody: the next one begins beside it.
READ_TIMEOUT_SECONDS = 0.1


class VersionedCache:
    """Answers in JSON. It can be shared by threads.

    :param release: of the service. The same rows look different in another one.
    :param max_bytes: of the answers that are kept.
    """

    def __init__(self, release: str, max_bytes: int = MAX_BYTES) -> None:
        self._release = release
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._bodies: OrderedDict[tuple[Audience, Query], tuple[Version, bytes]]
        self._bodies = OrderedDict()
        self._bytes = 0
        self._reads = _SharedReads()

    def respond(
        self,
        audience: Audience,
        query: Query,
        read_version: Callable[[], Version],
        make: Callable[[], tuple[Version, bytes]],
        *,
        version_of: Hashable = None,
    ) -> Response:
        """Answer the request that is handled: 200 with a body, or 304 without one.

        Raises what ``read_version`` and ``make`` raise.

        :param audience: who may read the answer. Whether the client belongs to it was
            checked for this request.
        :param query: all else that the answer depends on. With the version, it names
            the answer: what represents it must not change from process to process.
        :param read_version: reads the version as it is when it is called.
        :param make: makes the body and returns it with the version that it shows, both
            from one snapshot of the database.
        :param version_of: what has this version, if not the audience: equal values have
            equal versions at the same time.
        """
        key = (audience, query)
        shared = audience if version_of is None else (audience, version_of)
        version = self._reads.read(shared, read_version)
        tag = self._tag(key, version)
        if request.if_none_match.contains_weak(tag):
            return _response(tag)
        shown, body = self._find(key, version) or self._reads.read(
            (key, version), lambda: self._find(key, version) or self._keep(key, make())
        )
        return _response(self._tag(key, shown), body)

    def _find(
        self, key: tuple[Audience, Query], version: Version
    ) -> tuple[Version, bytes] | None:
        with self._lock:
            kept = self._bodies.get(key)
            if kept is None or kept[0] != version:
                return None
            self._bodies.move_to_end(key)
            return kept

    def _keep(
        self, key: tuple[Audience, Query], made: tuple[Version, bytes]
    ) -> tuple[Version, bytes]:
        with self._lock:
            if before := self._bodies.pop(key, None):
                self._bytes -= len(before[1])
            self._bodies[key] = made
            self._bytes += len(made[1])
            while self._bytes > self._max_bytes:
                _, (_, body) = self._bodies.popitem(last=False)
                self._bytes -= len(body)
        return made

    def _tag(self, key: tuple[Audience, Query], version: Version) -> str:
        named = repr((self._release, key, version)).encode()
        return blake2b(named, digest_size=12).hexdigest()


class _SharedReads:
    """Reads that are shared by all who ask for the same before they begin."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[Hashable, Future[Any]] = {}
        self._running: dict[Hashable, Future[Any]] = {}

    def read(self, key: Hashable, read: Callable[[], T]) -> T:
        """Return what ``read``, or another's with the same key, returns.

        It is called after this call began. Raises what it raises.
        """
        with self._lock:
            shared = self._waiting.get(key)
            if shared is None:
                future = self._waiting[key] = Future[Any]()
                before = self._running.get(key)
        if shared is not None:
            return shared.result()  # type: ignore[no-any-return]
        try:
            if before is not None:
                wait([before], READ_TIMEOUT_SECONDS)
            with self._lock:
                # Who comes from now on may have seen what this read does not.
                del self._waiting[key]
                self._running[key] = future
            future.set_result(read())
        except BaseException as error:
            future.set_exception(error)
        finally:
            with self._lock:
                for reads in (self._waiting, self._running):
                    if reads.get(key) is future:
                        del reads[key]
        return future.result()  # type: ignore[no-any-return]


def _response(tag: str, body: bytes | None = None) -> Response:
    headers = {
        # Weak: a proxy may compress the body.
        "ETag": f'W/"{tag}"',
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization",
    }
    status = 304 if body is None else 200
    return Response(body, status, headers, mimetype="application/json")
