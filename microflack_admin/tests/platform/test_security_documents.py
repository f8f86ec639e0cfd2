"""What docs/security*.md say of ASVS 5.0 is whole, and named tests are there."""

import re
from pathlib import Path

import pytest

ADMIN = Path(__file__).resolve().parents[2]
ROOT = ADMIN.parent
DOCS = ADMIN / "docs"
PAGES = ("input", "accounts", "platform")
MET = [DOCS / f"security-{name}.md" for name in PAGES]
FIRST = DOCS / "security.md"
MOST_NOT_MET = 15
# How many requirements of levels 1 and 2 each section of the standard has; they come
# before those of level 3.
SECTIONS = {
    1: (2, 9, 11, 3, 2), 2: (3, 3, 4, 1), 3: (0, 2, 4, 6, 5, 0, 2), 4: (3, 1, 2, 4),
    5: (1, 3, 2, 3), 6: (3, 12, 4, 4, 5, 3, 0, 4), 7: (3, 4, 2, 5, 2, 2),
    8: (2, 3, 1, 1), 9: (3, 4), 10: (2, 2, 4, 11, 5, 2, 3), 11: (2, 3, 3, 4, 1, 1),
    12: (3, 2, 4), 13: (1, 5, 2, 5), 14: (2, 4, 3), 15: (3, 3, 7),
    16: (1, 5, 4, 3, 3), 17: (1, 4, 2),
}  # fmt: skip
# They do: but for these, which are of level 3 although others follow.
LEVEL_3 = {"1.2.10", "1.3.12"}
NUMBER = re.compile(r"\d+\.\d+\.\d+")
TEST = re.compile(r"`(\w+)/(test_\w+)(?:::(\w+)|\.py)`")
FILE = re.compile(r"`(microflack_\w+/[\w/.]+)`")


def required():
    """Return the numbers of all requirements of levels 1 and 2."""
    return {
        f"{chapter}.{section}.{number}"
        for chapter, counts in SECTIONS.items()
        for section, count in enumerate(counts, 1)
        for number in range(1, count + 1)
    } - LEVEL_3


def rows(page, heading=""):
    """Return the numbers in the first column of a page's tables."""
    text = page.read_text().partition(heading)[2] if heading else page.read_text()
    text = text.partition("\n## ")[0] if heading else text
    return [
        number
        for line in text.splitlines()
        if re.match(r"\| \d", line)
        for number in NUMBER.findall(line.split("|")[1])
    ]


def test_every_requirement_stands_in_one_place():
    met = [number for page in MET for number in rows(page)]
    found = sorted(met + rows(FIRST))
    assert found == sorted(required())


def test_few_are_not_met_and_the_page_counts_right():
    not_met = rows(FIRST, "## Not met")
    applying = len(required()) - len(rows(FIRST, "## Does not apply"))
    assert len(not_met) <= MOST_NOT_MET
    text = " ".join(FIRST.read_text().split())
    counted = f"its {len(required())} requirements {applying} apply, and"
    assert f"{counted} {applying - len(not_met)} of those are met" in text


def folder_of(name):
    """Return where the tests of this name are."""
    own = ADMIN / "tests" / name
    return own if own.is_dir() else ROOT / f"microflack_{name}" / "tests"


@pytest.mark.parametrize("page", [FIRST, *MET], ids=lambda page: page.name)
def test_named_tests_and_files_are_there(page):
    text = page.read_text()
    for folder, file, name in TEST.findall(text):
        code = (folder_of(folder) / f"{file}.py").read_text()
        assert not name or re.search(rf"^def test_{name}\(", code, re.M), (file, name)
    for file in FILE.findall(text):
        assert (ROOT / file).exists(), file


def test_each_row_of_what_is_met_says_by_what():
    for page in MET:
        for line in page.read_text().splitlines():
            if re.match(r"\| \d", line):
                assert re.search(r"`.*`|\]\(", line.split("|")[3]), line
