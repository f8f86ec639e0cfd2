"""The slowest tests of the last run, and the slowest setups of their fixtures.

python -m mftools.testing.slowest RESULTS_DIR NUMBER
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree


class Duration(NamedTuple):
    """How long a test took, or the fixtures that it was the first to want."""

    seconds: float
    part: str
    phase: str
    test: str

    def __str__(self) -> str:
        """Return a line of the table."""
        return f"{self.seconds:7.1f} s  {self.phase:<5}  {self.part:<16} {self.test}"


def durations(results: Path) -> Iterator[Duration]:
    """Yield setup and test of all that pytest has reported."""
    for report in sorted(results.glob("*.xml")):
        for case in ElementTree.parse(report).getroot().iter("testcase"):
            test = f"{case.get('classname')}::{case.get('name')}"
            properties = {p.get("name"): p.get("value") for p in case.iter("property")}
            setup = float(properties.get("setup") or 0)
            total = float(case.get("time", 0))
            yield Duration(setup, report.stem, "setup", test)
            yield Duration(max(total - setup, 0), report.stem, "test", test)


def slowest(results: Path, number: int) -> list[Duration]:
    """Return so many of them, the slowest first."""
    return sorted(durations(results), reverse=True)[:number]


def main(arguments: list[str]) -> int:
    """Print the table; fail when there are no results."""
    results, number = Path(arguments[0]), int(arguments[1])
    found = slowest(results, number)
    if not found:
        print("mftest: no test has run yet. Run some: mftest", file=sys.stderr)
        return 1
    print(*found, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
