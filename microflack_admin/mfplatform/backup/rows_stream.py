"""The rows of a table as a stream of bytes, the same for each database.

Each row is a line of JSON, a list of values; for what is no text or number it says
``{"bytes": LENGTH}``, and these bytes follow after the line. So what is large needs no
more room than it has, and not all of it is in memory at any time.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from mfplatform.backup.manifest import NONSENSE, NoBackup

Row = tuple[Any, ...]
BYTES = "bytes"


def encode(row: Row) -> bytes:
    """Return a row as it stands in a backup.

    :raises TypeError: a value is neither text, number, bytes nor nothing.
    """
    values = [{BYTES: len(one)} if isinstance(one, bytes) else one for one in row]
    line = json.dumps(values, separators=(",", ":")).encode() + b"\n"
    return line + b"".join(one for one in row if isinstance(one, bytes))


def decode(stream: BinaryIO, columns: int) -> Iterator[Row]:
    """Yield the rows of a stream.

    :param columns: how many values each of them has.
    :raises NoBackup: it makes no sense.
    """
    while line := stream.readline():
        try:
            values = json.loads(line)
            row = tuple(_value(one, stream) for one in values)
        except (*NONSENSE, OverflowError, MemoryError) as error:
            raise NoBackup("a row of it makes no sense") from error
        if len(row) != columns:
            raise NoBackup("a row of it has too many or too few values")
        yield row


def _value(found: Any, stream: BinaryIO) -> Any:
    if not isinstance(found, dict):
        return found
    length = int(found[BYTES])
    data = stream.read(length)
    if len(data) != length:
        raise ValueError("it ends too early")
    return data


def batches(
    rows: Iterable[Row], most_rows: int, most_bytes: int
) -> Iterator[list[Row]]:
    """Yield rows in pieces that are not too large."""
    some: list[Row] = []
    size = 0
    for row in rows:
        some.append(row)
        size += sum(len(one) for one in row if isinstance(one, bytes | str))
        if len(some) >= most_rows or size >= most_bytes:
            yield some
            some, size = [], 0
    if some:
        yield some
