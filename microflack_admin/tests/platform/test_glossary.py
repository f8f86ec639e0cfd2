"""The glossary names classes and modules that exist."""

import re
from pathlib import Path

import pytest

ADMIN = Path(__file__).parents[2]
GLOSSARY = (ADMIN / "docs" / "glossary.md").read_text()
ROWS = re.findall(r"^\| (?!term)(.+?) \| (.+?) \|(.*)\|$", GLOSSARY, re.M)
CLASSES = re.findall(r"`(\w+)` in `([\w.]+)`", GLOSSARY)
MODULES = re.findall(r"`((?:mfplatform|microflack_\w+)\.[\w.]+)`", GLOSSARY)


def source(module: str) -> Path:
    """Return the file of a module of the platform, of a service or of the page."""
    package, *path = module.split(".")
    folder = ADMIN if package == "mfplatform" else ADMIN.parent / package
    file = folder.joinpath(package, *path)
    return file.with_suffix(".js" if "static" in path else ".py")


def test_every_term_has_one_line_and_one_meaning() -> None:
    terms = [term for term, _, _ in ROWS]
    assert len(terms) >= 30
    assert len(terms) == len(set(terms))


@pytest.mark.parametrize("module", sorted(set(MODULES)))
def test_every_module_of_the_glossary_exists(module: str) -> None:
    assert source(module).is_file()


@pytest.mark.parametrize(("name", "module"), CLASSES)
def test_every_class_of_the_glossary_exists(name: str, module: str) -> None:
    assert re.search(rf"^\s*(export )?class {name}\b", source(module).read_text(), re.M)
