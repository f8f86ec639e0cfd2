"""Keep files in the service's own database, in chunks."""

from collections.abc import Iterator
from typing import IO

from flask import Flask
from sqlalchemy import bindparam, delete, insert, select

from microflack_common import database
from microflack_messages.files.models import FileChunk

# What is stored has chunks of this size: it never changes. Escaped, one may be twice as
# long, and a server may take no more than 1 MiB at once (max_allowed_packet).
CHUNK_BYTES = 256 * 1024

_INSERT = insert(FileChunk.__table__)
_THIS = FileChunk.key == bindparam("of")
_READ = select(FileChunk.data).where(_THIS, FileChunk.number == bindparam("at"))
_DELETE = delete(FileChunk.__table__).where(_THIS)


class DatabaseStore:
    """Keeps each chunk as a row. No more than one of them is in memory.

    :param app: it has the database.
    """

    name = "database"

    def __init__(self, app: Flask) -> None:
        self._app = app

    def save(self, key: str, source: IO[bytes], _size: int) -> None:
        """Keep all that can be read of ``source``. Raises what SQLAlchemy does."""
        with database.autocommit(self._app).connect() as connection:
            for number, data in enumerate(iter(lambda: source.read(CHUNK_BYTES), b"")):
                row = {"key": key, "number": number, "data": data}
                connection.execute(_INSERT, row)

    def read(self, key: str, begin: int, end: int) -> Iterator[bytes]:
        """Yield the bytes from ``begin`` to before ``end``.

        A client may take its time: no connection is held meanwhile.
        """
        while begin < end:
            number, skipped = divmod(begin, CHUNK_BYTES)
            with database.autocommit(self._app).connect() as connection:
                values = {"of": key, "at": number}
                data: bytes | None = connection.scalar(_READ, values)
            if not data:
                raise EOFError(f"Chunk {number} of {key} is missing.")
            piece = data[skipped : skipped + end - begin]
            yield piece
            begin += len(piece)

    def delete(self, key: str) -> None:
        """Remove what is kept, if there is any."""
        with database.autocommit(self._app).connect() as connection:
            connection.execute(_DELETE, {"of": key})
