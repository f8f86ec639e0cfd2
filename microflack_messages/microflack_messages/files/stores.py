"""Where the content of files is: the one place that chooses."""

from collections.abc import Iterator
from typing import IO, Protocol

from flask import Flask, current_app

from microflack_common.errors import ServiceUnavailable
from microflack_messages.files.database_store import DatabaseStore
from microflack_messages.files.s3_store import S3Store, parse

THUMBNAIL = ".thumbnail"


class Store(Protocol):
    """Keeps content under keys. Each is written once, and read in pieces.

    Threads share it. What it raises is answered with 503.
    """

    name: str

    def save(self, key: str, source: IO[bytes], size: int) -> None:
        """Keep ``size`` bytes, all that can be read of ``source``."""

    def read(self, key: str, begin: int, end: int) -> Iterator[bytes]:
        """Yield the bytes from ``begin`` to before ``end``, in pieces."""

    def delete(self, key: str) -> None:
        """Remove what is kept, or a part of it; nothing if there is none."""


def init_app(app: Flask) -> None:
    """Give ``app`` its stores: that of its setting, and the database in any case."""
    stores: list[Store] = [DatabaseStore(app)]
    if address := app.config["FILES_STORE"]:
        stores.append(S3Store(parse(address)))
    app.extensions["microflack_file_stores"] = {one.name: one for one in stores}


def chosen() -> Store:
    """Return where new files go."""
    return list(_stores().values())[-1]


def named(name: str) -> Store:
    """Return the store in which a file is; ServiceUnavailable if it is not known."""
    try:
        return _stores()[name]
    except KeyError:
        sentence = "The store of this file is not known: the setting FILES_STORE."
        raise ServiceUnavailable(sentence) from None


def _stores() -> dict[str, Store]:
    stores: dict[str, Store] = current_app.extensions["microflack_file_stores"]
    return stores
