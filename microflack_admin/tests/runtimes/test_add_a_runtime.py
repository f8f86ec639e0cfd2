"""The runtime of the guide is the one that passes the tests."""

from pathlib import Path
from textwrap import indent

import pytest
from platforms import ADMIN

FILES = sorted((Path(__file__).parent / "plain").glob("*.py"))
GUIDE = (ADMIN / "docs" / "add-a-runtime.md").read_text()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_guide_shows_it_word_by_word(file: Path) -> None:
    title = file.name.replace("__", r"\_\_")
    section = GUIDE.partition(f"## mfplatform/runtime/plain/{title}\n")[2]
    assert indent(file.read_text(), "    ") in section
