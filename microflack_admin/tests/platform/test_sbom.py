"""Beside what is built lies a description of all that is in it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from platforms import ADMIN, Platform

from mfplatform.packaging import sbom

pytest_plugins = ["platform_fixtures"]
STATIC = Path("microflack_ui", "static", "vendor")
DPKG = """\
Package: haproxy
Status: install ok installed
Architecture: amd64
Version: 2.6.12-1+deb12u2

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1
"""


def validated(file: Path) -> dict[str, Any]:
    """Return what a document says, which has to be one by its schema."""
    text = file.read_text()
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    assert wrong is None, wrong
    told: dict[str, Any] = json.loads(text)
    return told


def urls(told: dict[str, Any]) -> set[str]:
    return {one["purl"] for one in told.get("components", ())}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return the root of an image, with two packages of Python."""
    site = tmp_path / "root" / "srv" / "venv" / "lib" / "python3.11" / "site-packages"
    abouts = {
        "One_of.Many-1.0": "License-Expression: MIT OR Apache-2.0",
        "two-2.0": "License: a text\n        of many lines\n"
        "Classifier: License :: OSI Approved :: BSD License",
    }
    for folder, licence in abouts.items():
        name, version = folder.rsplit("-", 1)
        about = site / f"{folder}.dist-info" / "METADATA"
        about.parent.mkdir(parents=True)
        about.write_text(
            f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n{licence}\n"
        )
    return tmp_path / "root"


def test_packages_of_python_have_a_version_and_a_licence(
    root: Path, tmp_path: Path
) -> None:
    sbom.write(tmp_path / "sbom.json", "echo", "7", root)
    told = validated(tmp_path / "sbom.json")
    assert told["metadata"]["component"]["name"] == "echo"
    assert told["metadata"]["component"]["version"] == "7"
    found = {one["purl"]: one["licenses"] for one in told["components"]}
    assert found == {
        "pkg:pypi/one-of-many@1.0": [{"expression": "MIT OR Apache-2.0"}],
        "pkg:pypi/two@2.0": [{"license": {"name": "BSD License"}}],
    }


def test_packages_of_debian_are_those_that_are_installed(
    root: Path, tmp_path: Path
) -> None:
    status = root / "var" / "lib" / "dpkg" / "status"
    status.parent.mkdir(parents=True)
    status.write_text(DPKG)
    sbom.write(tmp_path / "sbom.json", "echo", "7", root)
    debian = {url for url in urls(validated(tmp_path / "sbom.json")) if ":deb/" in url}
    assert len(debian) == 1
    assert debian.pop().startswith("pkg:deb/debian/haproxy@2.6.12-1")


def test_libraries_of_the_page_have_the_hashes_of_their_files(
    root: Path, tmp_path: Path
) -> None:
    vendor = ADMIN.parent / "microflack_ui" / STATIC
    (root / "srv" / "app" / STATIC).mkdir(parents=True)
    shutil.copy(vendor / "vendor.json", root / "srv" / "app" / STATIC)
    sbom.write(tmp_path / "sbom.json", "ui", "7", root)
    told = validated(tmp_path / "sbom.json")
    listed = json.loads((vendor / "vendor.json").read_text())
    for name, about in listed.items():
        url = f"pkg:npm/{name}@{about['version']}"
        (one,) = [each for each in told["components"] if each["purl"] == url]
        hashes = {f["name"]: f["hashes"][0]["content"] for f in one["components"]}
        assert hashes == about["sha256"]


def test_it_lies_beside_what_mfbuild_has_built(fresh: Platform) -> None:
    fresh.done("mfbuild", "echo")
    (file,) = (fresh.home / "images" / "echo").glob("*/sbom.cdx.json")
    told = validated(file)
    assert told["metadata"]["component"]["name"] == "echo"
    assert urls(told) == set()
