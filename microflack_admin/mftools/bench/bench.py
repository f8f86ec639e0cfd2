"""What all parts share: the platform, how long to measure, where figures go."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mftools.bench.report import Report, Row
from mftools.bench.testbed import Testbed


@dataclass
class Bench:
    """One run."""

    bed: Testbed
    report: Report
    seconds: float
    rounds: int
    clients: int

    def add(self, *rows: Row) -> None:
        """Add figures to the report."""
        self.report.rows.extend(rows)


@dataclass(frozen=True)
class Part:
    """Something to measure, and the locations that must be served for it."""

    run: Callable[[Bench], None]
    needs: Sequence[str] = ()


def say(text: str) -> None:
    """Report progress."""
    print(text, file=sys.stderr, flush=True)
