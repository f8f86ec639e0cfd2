"""A software bill of materials: what an image or an environment really holds.

python -m mfplatform.packaging.sbom NAME VERSION FOLDER FILE

It is a CycloneDX 1.6 document (ECMA-424): Python packages by their metadata, Debian's
by dpkg's list, and the page's libraries, with the hashes of their files.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

# Where it is, in the folder of what was built.
FILE = "sbom.cdx.json"
# What has to be there of an image's files.
PATTERNS = (
    "var/lib/dpkg/status",
    "srv/venv/lib/python3*/site-packages/*.dist-info",
    "srv/app/*/static/vendor/vendor.json",
)
# A licence's text is no name for it.
LONGEST_NAME = 100


def write(file: Path, name: str, version: str, root: Path) -> None:
    """Describe what is installed below a folder.

    :raises OSError: the file cannot be written.
    """
    bom = Bom()
    whole = Component(name=name, version=version, type=ComponentType.APPLICATION)
    parts = [*python_packages(root), *debian_packages(root), *vendored(root)]
    bom.metadata.component = whole
    bom.components.update(parts)
    bom.register_dependency(whole, parts)
    document = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.write_text(document.output_as_string(indent=2), encoding="utf-8")


def python_packages(root: Path) -> Iterator[Component]:
    """Return what is installed in all Python environments below a folder."""
    for folder in sorted(root.rglob("site-packages")):
        for found in distributions(path=[str(folder)]):
            yield _python_package(found)


def _python_package(found: Distribution) -> Component:
    name = re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower()
    return _library(PackageURL("pypi", None, name, found.version), _licence(found))


def _licence(found: Distribution) -> str | None:
    about = found.metadata
    classified = [
        line.rpartition(" :: ")[2]
        for line in about.get_all("Classifier") or ()
        if line.startswith("License :: ")
    ]
    named = [about.get_all(key) or () for key in ("License-Expression", "License")]
    for text in (*named[0], *named[1], *classified):
        if text and len(text) <= LONGEST_NAME and "\n" not in text:
            return str(text)
    return None


def debian_packages(root: Path) -> Iterator[Component]:
    """Return what dpkg has installed; nothing where there is no Debian."""
    status = root / "var/lib/dpkg/status"
    if not status.is_file():
        return
    for entry in status.read_text(encoding="utf-8").split("\n\n"):
        told = dict(re.findall(r"^(Package|Version|Architecture): (.+)$", entry, re.M))
        if told and "\nStatus: install ok installed\n" in f"\n{entry}\n":
            name, version = told["Package"], told["Version"]
            arch = {"arch": told["Architecture"]}
            yield _library(PackageURL("deb", "debian", name, version, arch), None)


def vendored(root: Path) -> Iterator[Component]:
    """Return the libraries of the page, with the hash of each file."""
    for listed in sorted(root.rglob("static/vendor/vendor.json")):
        for name, about in json.loads(listed.read_text(encoding="utf-8")).items():
            url = PackageURL("npm", None, name, about["version"])
            files = [_file(*one) for one in sorted(about["sha256"].items())]
            yield _library(url, about["licence"], files)


def _file(name: str, digest: str) -> Component:
    hashes = [HashType(alg=HashAlgorithm.SHA_256, content=digest)]
    return Component(name=name, type=ComponentType.FILE, hashes=hashes)


def _library(
    url: PackageURL, licence: str | None, files: Iterable[Component] = ()
) -> Component:
    licences: list[License] = []
    if licence:
        licences.append(LicenseFactory().make_from_string(licence))
    return Component(
        name=url.name,
        version=url.version,
        type=ComponentType.LIBRARY,
        purl=url,
        bom_ref=str(url),
        licenses=licences,
        components=files,
    )


if __name__ == "__main__":
    write(Path(sys.argv[4]), sys.argv[1], sys.argv[2], Path(sys.argv[3]))
