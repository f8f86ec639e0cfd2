"""The table that mftest ends with.

python -m mfplatform.summary RESULTS_DIR PART...
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree


@dataclass
class Count:
    """How many tests came to which end; ``unsteady`` ones passed the second time."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    unsteady: int = 0

    def __str__(self) -> str:
        """Return it in words."""
        text = f"{self.passed} passed, {self.failed} failed"
        if self.skipped:
            text += f", {self.skipped} skipped"
        if self.unsteady:
            text += f" ({self.unsteady} passed at the second try)"
        return text


def _ends(report: Path) -> tuple[int, int, int]:
    """Return how many tests of a report there are, were skipped and failed."""
    suites = list(ElementTree.parse(report).getroot().iter("testsuite"))

    def total(name: str) -> int:
        return sum(int(suite.get(name, 0)) for suite in suites)

    return total("tests"), total("skipped"), total("failures") + total("errors")


def count(results: Path, part: str) -> Count:
    """Count the tests of one part."""
    found = Count()
    checks = results / f"{part}.checks"
    for report in (*results.glob(f"{part}.xml"), *results.glob(f"{part}-*.xml")):
        tests, skipped, broken = _ends(report)
        again = report.with_suffix(".again")
        failed = _ends(again)[2] if again.exists() else broken
        found.failed += failed
        found.skipped += skipped
        found.passed += tests - skipped - failed
        found.unsteady += broken - failed
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
        total.unsteady += one.unsteady
    return lines, total


def main(arguments: list[str]) -> int:
    """Print the table; fail when a test did."""
    lines, total = table(Path(arguments[0]), arguments[1:])
    print("", *lines, "", total, sep="\n")
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
