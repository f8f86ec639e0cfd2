"""The services of the checkout, as their service.env describes them.

Needs nothing but Python itself, since it runs before anything is installed.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mfplatform.state.home import read_env

PREFIX = "microflack_"


@dataclass(frozen=True)
class Service:
    """One service: its folder, the paths that it answers, and what else it says."""

    name: str
    folder: Path
    locations: tuple[str, ...]
    needs_database: bool
    # Whether its clients hold their connections, as those of WebSockets do.
    holds_connections: bool
    # Patterns of the keys of the registry that it writes, from what it has itself.
    registry_writes: tuple[str, ...] = ()

    @property
    def package(self) -> str:
        """The name of its Python package."""
        return self.folder.name

    @property
    def version(self) -> str:
        """Its release."""
        return (self.folder / "VERSION").read_text(encoding="utf-8").strip()

    @property
    def revisions(self) -> set[str]:
        """The revisions that its database can have, as its migrations are named."""
        files = (self.folder / "migrations" / "versions").glob("*.py")
        return {file.name.split("_")[0] for file in files}

    @property
    def is_package(self) -> bool:
        """Whether there is an application to import; no other can be put in."""
        return (self.folder / self.package / "app.py").is_file()

    @property
    def has_settings(self) -> bool:
        """Whether it has a module with its settings."""
        return (self.folder / self.package / "config.py").is_file()


def in_checkout(without: str = "") -> list[Service]:
    """Return the services that can be put together.

    :param without: names of those that are elsewhere, separated by commas.
    """
    elsewhere = set(without.split(","))
    found = [one for one in all_services() if one.name not in elsewhere]
    return [one for one in found if one.is_package]


def all_services() -> list[Service]:
    """Return all services of the checkout."""
    return sorted(_described(), key=lambda one: one.name)


def _described() -> Iterator[Service]:
    for file in Path(os.environ["MF_ROOT"]).glob(f"{PREFIX}*/service.env"):
        told = read_env(file)
        yield Service(
            file.parent.name.removeprefix(PREFIX),
            file.parent,
            (told.get("SERVICE_URL", "/"), *told.get("SERVICE_LOCATIONS", "").split()),
            told.get("NEEDS_DB") == "yes",
            told.get("LB_ALGORITHM") == "source",
            tuple(told.get("REGISTRY_WRITES", "").split()),
        )
