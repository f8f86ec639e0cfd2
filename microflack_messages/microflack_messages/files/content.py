"""Give out the content of a file, or a range of it.

Sources: RFC 9110, 13 and 14 (conditions and ranges); RFC 6266 (Content-Disposition).
"""

import time
from collections.abc import Generator, Iterator
from typing import Any
from unicodedata import normalize
from urllib.parse import quote

from flask import Response, request

from microflack_common.deadlines import BODY_SECONDS, SLOWEST_BYTES_PER_SECOND
from microflack_messages.files import stores, transfers
from microflack_messages.files.kinds import PICTURES
from microflack_messages.files.stores import THUMBNAIL

THUMBNAIL_TYPE = "image/webp"
# Nothing in a file is to be run, whatever a browser makes of it.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
# What RFC 5987 lets stand as it is, beside letters and digits.
_UNQUOTED = "!#$&+-.^_`|~"


def respond(file: Any, user_id: int, *, is_thumbnail: bool = False) -> Response:
    """Answer with a file, or its thumbnail: 200, 206, 304 or 416.

    Raises TooMany if too many are given out at a time.
    """
    key = file.key + (THUMBNAIL if is_thumbnail else "")
    size = file.thumbnail_size if is_thumbnail else file.size
    content = _Content(stores.named(file.store), key, size)
    kind = THUMBNAIL_TYPE if is_thumbnail else file.type
    response = Response(content, headers=_headers(file, kind))  # type: ignore[arg-type]
    response.content_length = size
    # It never changes.
    response.set_etag(f"{file.id}{THUMBNAIL if is_thumbnail else ''}")
    response.make_conditional(request, accept_ranges=True, complete_length=size)
    if (
        request.method == "GET"
        and response.status_code != 304
        and (response.content_length or 0) > transfers.SMALL_BYTES
    ):
        response.call_on_close(transfers.begin(user_id))
    return response


def _headers(file: Any, kind: str) -> dict[str, str]:
    how = "inline" if kind in PICTURES else "attachment"
    return {
        "Content-Type": "text/plain; charset=utf-8" if kind == "text/plain" else kind,
        "Content-Disposition": f"{how}; {_file_name(file.name)}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
        # Whether its client may still read it is asked each time.
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization",
    }


def _file_name(name: str) -> str:
    plain = normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = plain.replace("\\", "_").replace('"', "_")
    words = f'filename="{plain}"'
    if plain != name:
        words += f"; filename*=UTF-8''{quote(name, safe=_UNQUOTED)}"
    return words


class _Content:
    """Iterates over what a store has under a key, from where ``seek`` says.

    Werkzeug takes a range out of it. Whoever reads too slowly gets no more.
    """

    def __init__(self, store: stores.Store, key: str, size: int) -> None:
        self._store, self._key, self._size = store, key, size
        self._begin = 0
        self._pieces: Iterator[bytes] | None = None
        self._end = 0.0

    def seekable(self) -> bool:
        """Say that a range needs nothing that is before it."""
        return True

    def seek(self, place: int) -> None:
        """Begin at this byte."""
        self._begin = place

    def tell(self) -> int:
        """Return where it begins."""
        return self._begin

    def __iter__(self) -> Iterator[bytes]:
        """Return itself."""
        return self

    def __next__(self) -> bytes:
        """Return the next bytes; TimeoutError if the ones before took too long."""
        if self._pieces is None:
            self._pieces = self._store.read(self._key, self._begin, self._size)
            self._end = time.monotonic() + BODY_SECONDS
        if time.monotonic() > self._end:
            raise TimeoutError("The client reads too slowly.")
        piece = next(self._pieces)
        self._end += len(piece) / SLOWEST_BYTES_PER_SECOND
        return piece

    def close(self) -> None:
        """Let go of what it reads from, as a generator does."""
        if isinstance(self._pieces, Generator):
            self._pieces.close()
