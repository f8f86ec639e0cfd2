"""What all parts of the bench share: the platform, for how long, the report."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mftools.bench.report import Report, Row
from mftools.bench.testbed import Testbed


@dataclass
class Bench:
    """One run: each figure takes ``rounds`` times ``seconds``, with ``clients``.

    ``starved`` says whether busy processes take the machine from what is measured, and
    ``instances`` how many there are of each service at least.
    """

    bed: Testbed
    report: Report
    seconds: float
    rounds: int
    clients: int = 0
    starved: bool = False
    instances: int = 1

    def add(self, *rows: Row) -> None:
        """Add figures to the report."""
        self.report.rows.extend(rows)


@dataclass(frozen=True)
class BenchPart:
    """One part of the bench, and the locations that must be served for it.

    ``clients`` is how many listen unless one is told, and ``by_name`` is true for what
    takes long: it is measured only when it is named.
    """

    run: Callable[[Bench], None]
    needs: Sequence[str] = ()
    clients: int = 300
    by_name: bool = False


def say(text: str) -> None:
    """Report progress."""
    print(text, file=sys.stderr, flush=True)
