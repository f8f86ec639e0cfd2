"""The libraries of others: unchanged, with their licences, and only those listed."""

import json
from hashlib import sha256
from pathlib import Path

import microflack_ui

VENDOR = Path(microflack_ui.__file__).parent / "static" / "vendor"
LIBRARIES = json.loads((VENDOR / "vendor.json").read_text())
SUMS = {k: v for library in LIBRARIES.values() for k, v in library["sha256"].items()}


def test_each_file_is_the_one_that_was_published() -> None:
    found = {name: sha256((VENDOR / name).read_bytes()).hexdigest() for name in SUMS}
    assert found == SUMS


def test_no_file_is_unlisted() -> None:
    files = {str(path.relative_to(VENDOR)) for path in VENDOR.glob("*/*")}
    assert files == set(SUMS)


def test_each_library_has_its_licence_and_version() -> None:
    for name, library in LIBRARIES.items():
        assert f"{name}/LICENSE" in library["sha256"]
        assert library["version"] and library["licence"]
