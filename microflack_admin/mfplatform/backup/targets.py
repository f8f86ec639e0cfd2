"""The databases that a backup is brought back into: those of a server, or files."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path

from sqlalchemy import Engine, NullPool, create_engine

from mfplatform.backup import make, snapshot
from mfplatform.backup.load import sqlite
from mfplatform.monolith import process
from mfplatform.state import database
from mfplatform.state.home import Home

NEW = ".restored"
Say = Callable[[str], None]


class Target(ABC):
    """Where a chat is kept. The calls are made in this order."""

    def __init__(self, home: Home, say: Say) -> None:
        self.home, self.say = home, say

    @abstractmethod
    def is_used(self, names: Iterable[str]) -> bool:
        """Say whether there is a database of one of these services."""

    @abstractmethod
    def keep_old(self) -> None:
        """Keep a copy of what is there."""

    @abstractmethod
    def empty(self, name: str) -> Engine:
        """Return an empty database of a service, whatever there was."""

    @abstractmethod
    def complete(self, names: Iterable[str]) -> None:
        """Have the databases of these services in use, and no others."""

    def kept_folder(self) -> Path:
        """Make a folder for what is replaced."""
        folder = self.home.path / "replaced" / time.strftime("%Y-%m-%d-%H%M%S")
        folder.mkdir(mode=0o700, parents=True)
        return folder


class Server(Target):
    """The databases of the platform's server; no instance runs."""

    def is_used(self, names: Iterable[str]) -> bool:
        """Say whether there is a table of one of these services."""
        # None has this name: the list must not be empty.
        listed = ", ".join(f"'{name}'" for name in ("", *names))
        sql = (
            f"SELECT 1 FROM information_schema.tables WHERE table_schema IN ({listed})"
        )
        return bool(database.execute(self.home, f"{sql} LIMIT 1;").splitlines()[1:])

    def keep_old(self) -> None:
        """Back it up."""
        file = self.kept_folder() / "before.mfbackup"
        make.make(self.home, file, None, lambda _: None)
        self.say(f"What was here before is kept in {file}, without its secrets")

    def empty(self, name: str) -> Engine:
        """Make a database anew; who may use it stays known."""
        database.execute(self.home, f"DROP DATABASE IF EXISTS `{name}`;")
        database.ensure_database(self.home, name)
        return create_engine(snapshot.root_url(self.home, name), poolclass=NullPool)

    def complete(self, names: Iterable[str]) -> None:
        """Do nothing: they are in use."""


class Files(Target):
    """The files of a monolith that does not run."""

    def __init__(self, home: Home, say: Say) -> None:
        super().__init__(home, say)
        self._folder = process.folder(home)

    def is_used(self, names: Iterable[str]) -> bool:
        """Say whether there is a file of one of these services."""
        return any((self._folder / f"{name}.db").exists() for name in names)

    def keep_old(self) -> None:
        """Do nothing yet: the files stay until others take their place."""

    def empty(self, name: str) -> Engine:
        """Begin a file beside the one in use."""
        file = self._new(name)
        for one in file.parent.glob(f"{file.name}*"):
            one.unlink()
        return sqlite(file)

    def complete(self, names: Iterable[str]) -> None:
        """Set all that is in use aside, and have the new files in their places."""
        # What ended tokens and who may do what is there, too: services write it again.
        old = [one for one in self._folder.glob("*.db*") if not one.name.endswith(NEW)]
        if old:
            kept = self.kept_folder()
            for one in old:
                one.rename(kept / one.name)
            self.say(f"What was here before is kept in {kept}")
        for name in names:
            self._new(name).rename(self._folder / f"{name}.db")

    def _new(self, name: str) -> Path:
        return self._folder / f"{name}.db{NEW}"


def of(home: Home, say: Say) -> Target:
    """Return where a home keeps its chat."""
    return Files(home, say) if process.is_here(home) else Server(home, say)
