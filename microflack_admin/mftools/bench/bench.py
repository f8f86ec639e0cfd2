"""What all parts of the bench share: the platform, for how long, the report."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mftools.bench.report import Report, Row
from mftools.bench.testbed import Testbed


@dataclass
class Bench:
    """One run: each figure takes ``rounds`` times ``seconds``, with ``clients``."""

    bed: Testbed
    report: Report
    seconds: float
    rounds: int
    clients: int

    def add(self, *rows: Row) -> None:
        """Add figures to the report."""
        self.report.rows.extend(rows)


@dataclass(frozen=True)
class BenchPart:
    """One part of the bench, and the locations that must be served for it."""

    run: Callable[[Bench], None]
    needs: Sequence[str] = ()


def say(text: str) -> None:
    """Report progress."""
    print(text, file=sys.stderr, flush=True)
