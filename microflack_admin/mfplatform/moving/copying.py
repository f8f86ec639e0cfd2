"""Make a service's new database equal to the one that a monolith has of it.

    python -m mfplatform.moving.copying SERVICE FILE

FILE is the monolith's, of SQLite; DATABASE_URL in the environment is where to. Reads a
verb from each line of standard input, until that ends, and answers each with a line of
JSON. Runs in the monolith's environment, which has what the service needs; it stays
there between two copies, so that the last one begins at once.

- ``check``: says whether there is any table in the new one.
- ``migrate``: makes its tables.
- ``renew``: migrates the monolith's, which nobody uses, as its next start would.
- ``copy``: makes it equal, and says how many rows differed.
- ``verify``: the same, and says what each table holds, and whether both hold the same.
"""

import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, inspect
from sqlalchemy.exc import SQLAlchemyError

from mfplatform.monolith import services
from mfplatform.moving.rows import DifferentTables
from mfplatform.moving.tables import contents, equalize

# What a service reads to be made at all; nothing is served, asked or pushed.
SETTINGS = {"LB": "local:", "ETCD": "", "REDIS": "", "ACCESS": "open"}


class Copying:
    """The two databases of a service."""

    def __init__(self, name: str, file: Path) -> None:
        found = [one for one in services.in_checkout() if one.name == name]
        (self._service,) = found
        self._file, self._url = f"sqlite:///{file}", os.environ["DATABASE_URL"]
        self._source = create_engine(self._file)
        self._target = create_engine(self._url, pool_pre_ping=True)

    def check(self) -> dict[str, Any]:
        """Say whether nobody has used the new database."""
        return {"empty": not inspect(self._target).get_table_names()}

    def migrate(self) -> dict[str, Any]:
        """Make the service's tables in the new one."""
        return self._migrate(self._url)

    def renew(self) -> dict[str, Any]:
        """Have the monolith's have the same tables."""
        return self._migrate(self._file)

    def _migrate(self, url: str) -> dict[str, Any]:
        """Make an application: that migrates its database."""
        service = self._service
        create = import_module(f"{service.package}.app").create_app
        os.environ.update(SETTINGS, SERVICE_NAME=service.name, DATABASE_URL=url)
        arguments = []
        if service.has_settings:
            arguments = [import_module(f"{service.package}.config").Config()]
        create(*arguments)
        return {}

    def copy(self) -> dict[str, Any]:
        """Make the new database equal."""
        return {"differed": equalize(self._source, self._target)}

    def verify(self) -> dict[str, Any]:
        """Make it equal, and compare; nobody may write meanwhile."""
        told = self.copy()
        ours, theirs = contents(self._source), contents(self._target)
        if ours != theirs:
            # The database may have changed a row itself, by a trigger, after its turn.
            told["differed"] += self.copy()["differed"]
            theirs = contents(self._target)
        told["equal"] = ours == theirs
        told["tables"] = {
            name: {"rows": one.rows, "sha256": one.digest}
            for name, one in sorted(theirs.items())
        }
        return told


def main(arguments: list[str]) -> int:
    """Do what is asked for until nobody asks any more."""
    name, file = arguments
    copying = Copying(name, Path(file))
    verbs = {
        "check": copying.check,
        "migrate": copying.migrate,
        "renew": copying.renew,
        "copy": copying.copy,
        "verify": copying.verify,
    }
    for line in sys.stdin:
        try:
            told = verbs[line.strip()]()
        except (DifferentTables, SQLAlchemyError, RuntimeError, OSError) as error:
            told = {"error": str(error)}
        print(json.dumps(told), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
