"""What a backup says of itself: its manifest.

Needs nothing but Python itself: a file is checked before anything is installed.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

# Files of another format are refused. What is only added needs no new one.
FORMAT = 1
# What reading something that is no document of ours ends with.
NONSENSE = (ValueError, TypeError, KeyError, RecursionError)


class NoBackup(Exception):
    """Raised for a file that cannot be used; its text says why."""


@dataclass(frozen=True)
class Table:
    """What is stored of a table.

    :param columns: their names, in the order of the values of each row.
    :param sha256: of the rows as they stand in the file, in hexadecimal. A table with
        the same rows has the same, in whichever database it is.
    """

    columns: list[str]
    rows: int
    sha256: str


@dataclass(frozen=True)
class ServiceData:
    """What is stored of a service.

    :param releases: those that ran, as VERSION says them.
    :param revision_table: the table in which the database says its revision.
    :param revision: that of the newest migration that was applied.
    """

    releases: list[str]
    revision_table: str
    revision: str
    tables: dict[str, Table]


@dataclass(frozen=True)
class Manifest:
    """All that a backup says of itself.

    :param made: when all its databases were as they are here, in Unix seconds.
    :param settings: those that people gave to the platform, none of them secret.
    :param files_store: the address of the store that has the files, without what opens
        it; empty if they are in the databases.
    :param keys: what people wrote into the registry, with the values.
    :param has_secrets: whether the encrypted secrets are in the file.
    """

    made: int
    runtime: str
    settings: dict[str, str]
    files_store: str
    has_secrets: bool
    services: dict[str, ServiceData]
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """The number of all rows."""
        tables = (one.tables.values() for one in self.services.values())
        return sum(table.rows for some in tables for table in some)


def written(manifest: Manifest) -> bytes:
    """Return a manifest as it stands in the file."""
    return json.dumps({"format": FORMAT, **asdict(manifest)}, indent=1).encode()


def read(text: bytes) -> Manifest:
    """Return what a manifest says.

    :raises NoBackup: it is of another format, or none.
    """
    try:
        found = json.loads(text)
        if found["format"] != FORMAT:
            raise NoBackup(
                f"it has format {found['format']!r}, and this release reads {FORMAT}: "
                "take the release that made it, or a newer one"
            )
        return _manifest(found)
    except (*NONSENSE, AttributeError) as error:
        raise NoBackup("its manifest makes no sense") from error


def _manifest(found: Mapping[str, Any]) -> Manifest:
    services = {str(k): _service(one) for k, one in found["services"].items()}
    return Manifest(
        int(found["made"]),
        str(found["runtime"]),
        _texts(found["settings"]),
        str(found["files_store"]),
        bool(found["has_secrets"]),
        services,
        _texts(found["keys"]),
    )


def _service(found: Mapping[str, Any]) -> ServiceData:
    return ServiceData(
        [str(one) for one in found["releases"]],
        str(found["revision_table"]),
        str(found["revision"]),
        {
            str(name): Table(
                [str(column) for column in one["columns"]],
                int(one["rows"]),
                str(one["sha256"]),
            )
            for name, one in found["tables"].items()
        },
    )


def _texts(found: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in found.items()}
