"""Have a service's database copied by a process that can read a monolith's."""

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from mfplatform.monolith import process, up
from mfplatform.state import database
from mfplatform.state.home import Home, PlatformError

# It is copied again as long as so much was written meanwhile, but not for ever.
FEW_ROWS = 500
MOST_ROUNDS = 5


class Copier:
    """Copies one service's rows; see ``copying``.

    :param home: the platform's, whose database server it is copied to.
    :param source: the monolith's.
    :param python: one that has what the services need.
    :param lock: it is held until the copying has ended, whoever ends the mover before.
    """

    def __init__(
        self, home: Home, source: Home, name: str, python: Path, lock: int
    ) -> None:
        self._name = name
        file = process.folder(source) / f"{name}.db"
        environment: Mapping[str, str] = up.environment(source) | {
            "DATABASE_URL": database.ensure(home, name)
        }
        self._process = subprocess.Popen(
            [python, "-P", "-m", "mfplatform.moving.copying", name, file],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            pass_fds=[lock],
            # Ctrl-C is for whoever reads its answers.
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()

    def check(self) -> None:
        """Raise PlatformError if the database is somebody's already."""
        if not self._ask("check")["empty"]:
            raise PlatformError(
                f"this platform has a database of {self._name} already, with other "
                "people's rows. Nothing was changed: a platform with another MF_HOME "
                "can take them"
            )

    def migrate(self) -> None:
        """Make the service's tables."""
        self._ask("migrate")

    def renew(self) -> None:
        """Migrate the monolith's database, which nobody uses."""
        self._ask("renew")

    def copy(self, say: Callable[[str], None]) -> None:
        """Copy until only few rows differ, while somebody may write."""
        self.migrate()
        for _ in range(MOST_ROUNDS):
            differed = self._ask("copy")["differed"]
            say(f"Copied {differed} rows of {self._name}")
            if differed < FEW_ROWS:
                return

    def finish(self, say: Callable[[str], None]) -> None:
        """Copy the rest while nobody writes, and compare.

        :raises PlatformError: the two are not equal.
        """
        told = self._ask("verify")
        if not told["equal"]:
            raise PlatformError(
                f"the copy of {self._name} is not equal to the original, so it is not "
                "used. Call this again"
            )
        for table, held in told["tables"].items():
            say(f"{table}: {held['rows']} rows, equal (SHA-256 {held['sha256'][:16]})")

    def _ask(self, verb: str) -> dict[str, Any]:
        to, back = self._process.stdin, self._process.stdout
        assert to is not None and back is not None
        try:
            to.write(f"{verb}{os.linesep}")
            to.flush()
            line = back.readline()
        except BrokenPipeError:
            line = ""
        told: dict[str, Any] = json.loads(line or '{"error": "see above"}')
        if "error" in told:
            reason = str(told["error"]).strip()
            raise PlatformError(f"copying {self._name} failed: {reason}")
        return told
