"""What the guides show works as it stands there."""

import re
from pathlib import Path

from platforms import ADMIN, Platform

pytest_plugins = ["platform_fixtures"]

GUIDE = (ADMIN / "docs" / "add-a-service.md").read_text()


def block(beginning: str) -> str:
    """Return the code block of the guide that begins with this text."""
    for indented in re.findall(r"(?:^ {4}.*\n|^\n(?= {4}))+", GUIDE, re.M):
        text = re.sub(r"^ {4}", "", indented, flags=re.M).strip("\n") + "\n"
        if text.startswith(beginning):
            return text
    raise LookupError(beginning)


def write_service(folder: Path) -> None:
    """Make the service of the guide, word by word."""
    package = folder / "microflack_hello"
    package.mkdir(parents=True)
    (folder / "service.env").write_text(block("SERVICE_URL="))
    (folder / "boot.sh").write_text(block("#!/usr/bin/env bash"))
    (folder / "boot.sh").chmod(0o755)
    (folder / "requirements.txt").write_text(block("flask=="))
    (folder / "VERSION").write_text("1\n")
    (package / "__init__.py").touch()
    (package / "app.py").write_text(block("# microflack_hello/microflack_hello/app.py"))


def test_the_service_of_the_guide_can_be_added(fresh: Platform) -> None:
    fresh.done("mfup")
    write_service(fresh.folder / "microflack_hello")
    *commands, _curl = block("mfbuild hello").splitlines()
    for command in commands:
        fresh.done(*command.split())
    assert fresh.get("/api/hello") == (200, {"hello": "world"})
