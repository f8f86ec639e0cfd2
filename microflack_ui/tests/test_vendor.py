"""The libraries of others: unchanged, with their licences, and only those listed."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import microflack_ui

# What browsers get, and what only tests use.
FOLDERS = [
    Path(microflack_ui.__file__).parent / "static" / "vendor",
    Path(__file__).parent / "vendor",
]


def libraries_in(folder: Path) -> dict[str, dict[str, Any]]:
    """Return what is said of the libraries there."""
    found: dict[str, dict[str, Any]] = json.loads((folder / "vendor.json").read_text())
    return found


@pytest.mark.parametrize("folder", FOLDERS, ids=["page", "tests"])
def test_each_file_is_the_one_that_was_published_and_none_is_unlisted(
    folder: Path,
) -> None:
    sums: dict[str, str] = {}
    for library in libraries_in(folder).values():
        sums |= library["sha256"]
    found = {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in folder.glob("*/*")
    }
    assert found == sums


@pytest.mark.parametrize("folder", FOLDERS, ids=["page", "tests"])
def test_each_library_has_its_licence_and_version(folder: Path) -> None:
    for name, library in libraries_in(folder).items():
        assert f"{name}/LICENSE" in library["sha256"]
        assert library["version"] and library["licence"]
