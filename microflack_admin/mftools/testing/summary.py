"""The table that mftest ends with.

python -m mftools.testing.summary RESULTS_DIR PART...
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree


@dataclass
class Count:
    """How many tests came to which end."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __str__(self) -> str:
        """Return it in words."""
        text = f"{self.passed} passed, {self.failed} failed"
        return f"{text}, {self.skipped} skipped" if self.skipped else text


def count(results: Path, part: str) -> Count:
    """Count the tests of one part."""
    found = Count()
    checks = results / f"{part}.checks"
    for report in (*results.glob(f"{part}.xml"), *results.glob(f"{part}-*.xml")):
        for suite in ElementTree.parse(report).getroot().iter("testsuite"):
            broken = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            skipped = int(suite.get("skipped", 0))
            found.failed += broken
            found.skipped += skipped
            found.passed += int(suite.get("tests", 0)) - broken - skipped
    if checks.exists():
        lines = checks.read_text().split()
        found.passed += lines.count("passed")
        found.failed += lines.count("failed")
    # A part that ended before it could run its tests has failed nevertheless.
    if (results / f"{part}.failed").exists() and not found.failed:
        found.failed = 1
    return found


def table(results: Path, parts: Iterable[str]) -> tuple[list[str], Count]:
    """Return a line for each part, and the sum of all."""
    total, lines = Count(), []
    for part in parts:
        one = count(results, part)
        seconds = (results / f"{part}.seconds").read_text().strip()
        verdict = "FAILED" if one.failed else "ok"
        lines.append(f"{part:<12} {verdict:<8} {seconds:>5} s   {one}")
        total.passed += one.passed
        total.failed += one.failed
        total.skipped += one.skipped
    return lines, total


def main(arguments: list[str]) -> int:
    """Print the table; fail when a test did."""
    lines, total = table(Path(arguments[0]), arguments[1:])
    print("", *lines, "", total, sep="\n")
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
