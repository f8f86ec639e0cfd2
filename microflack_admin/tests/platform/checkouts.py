"""Checkouts in which guides are followed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from guides import Terminal
from platforms import ADMIN, Platform

ROOT = ADMIN.parent
SERVICES = sorted(file.parent.name for file in ROOT.glob("*/service.env"))
NOT_COPIED = shutil.ignore_patterns("venv", ".env", "instance", "__pycache__")
MFVARS = "source microflack_admin/mfvars"
# What makes a checkout with these services; a fixture of this name does.
MakeCheckout = Callable[[list[str]], "Checkout"]


def share_images(home: Path) -> None:
    """Take images from the store that mftest keeps for all platforms of tests."""
    if "MF_RESULTS" in os.environ:
        store = Path(os.environ["MF_RESULTS"]).parent / "image-store"
        (home / "image-store").symlink_to(store)


class Checkout(Platform):
    """A checkout as a reader has it: with its history, and with real services."""

    def __init__(self, services: list[str], tools_of: Platform) -> None:
        self._services = services
        # Without a space in its path: pip takes one in that of the wheelhouse for two.
        super().__init__(Path(tempfile.mkdtemp(prefix="mf-guide-")), tools_of)
        self.user = self.folder / "user"
        self.user.mkdir()
        share_images(self.home)

    def add_services(self) -> None:
        """Put the history and these services into the checkout."""
        git = ["git", "-C", str(self.folder)]
        subprocess.run([*git, "clone", "-q", "-n", ROOT, "history"], check=True)
        (self.folder / "history" / ".git").rename(self.folder / ".git")
        for name in self._services:
            shutil.copytree(ROOT / name, self.folder / name, ignore=NOT_COPIED)

    def terminal(self, ports: dict[str, int], **variables: str) -> Terminal:
        """Open a terminal in the checkout's folder, with a home folder of its own.

        :param ports: what to type instead of the ports that the guide names.
        """
        instead = {one: str(port) for one, port in ports.items()}
        own = self.environment() | variables
        return Terminal(self.folder, own, instead | {"~/": f"{self.user}/"})


class Elsewhere(Platform):
    """A platform that a guide makes, with its state in another folder."""

    def __init__(self, folder: Path, home: Path, port: int) -> None:
        self.folder, self.home, self.port = folder, home, port

    def share_tools(self, other: Platform) -> None:
        """Have the tools of another one, since installing them takes a while."""
        self.home.mkdir(mode=0o700)
        for name in ("tools", "wheelhouse"):
            (self.home / name).symlink_to((other.home / name).resolve())
        share_images(self.home)

    def environment(self, **extra: str) -> dict[str, str]:
        """Return the environment in which it is known."""
        return super().environment(MF_HOME=str(self.home)) | extra

    def remove(self) -> None:
        """Stop it; its files are in a folder that is removed anyway."""
        self.crash()
        if (self.home / "settings.env").exists():
            shutil.rmtree(self.settings["MF_RUN"], ignore_errors=True)
