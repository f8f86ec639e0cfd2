"""Write the tables of a service into a backup."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, LargeBinary, Table

from mfplatform.backup import manifest
from mfplatform.backup.archive import Writer, member
from mfplatform.backup.manifest import ServiceData
from mfplatform.backup.rows_stream import encode
from mfplatform.backup.snapshot import Source
from mfplatform.moving import rows


class Stream:
    """The rows of a table, in the order of their keys, as they stand in a backup.

    ``rows`` says how many there have been.
    """

    def __init__(self, connection: Connection, table: Table) -> None:
        self._connection, self._table, self.rows = connection, table, 0

    def __iter__(self) -> Iterator[bytes]:
        """Yield some rows at a time."""
        for span in rows.spans(self._table, self._connection):
            found = rows.read(self._connection, self._table, span)
            self.rows += len(found)
            yield b"".join(encode(found[key]) for key in sorted(found))


def dump(writer: Writer, source: Source, releases: Sequence[str]) -> ServiceData:
    """Write all tables of a service; return what the manifest says of it."""
    written = {}
    for name, table in source.tables.items():
        stream = Stream(source.connection, table)
        is_binary = any(isinstance(one.type, LargeBinary) for one in table.columns)
        place = member(source.name, name)
        with source.reading():
            sha256 = writer.rows(place, stream, is_binary=is_binary)
        written[name] = manifest.Table(rows.names(table), stream.rows, sha256)
    return ServiceData(list(releases), source.revision_table, source.revision, written)
