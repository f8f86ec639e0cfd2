"""What each step cost those who use the system: for people and for programs."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from mftools.bench.reconciliation import Reconciliation
from mftools.bench.tally import Failure, Tally

HEADINGS = (
    "step",
    "requests",
    "failed",
    "slowest",
    "messages",
    "lost",
    "doubled",
    "longest gap",
    "time",
)


@dataclass
class Figures:
    """What clients saw in one step.

    ``stored`` is about all messages that had been acknowledged by its end, those of
    earlier steps included; it and ``gap_seconds`` are None where there are none yet.
    """

    requests: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    slowest_seconds: float = 0.0
    acknowledged: int = 0
    stored: Reconciliation | None = None
    gap_seconds: float | None = None
    # The paths of files that are not there as they were sent.
    damaged: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, tally: Tally) -> "Figures":
        """Return what was counted."""
        count = len(tally.acknowledged)
        return cls(tally.requests, tally.failures, tally.slowest_seconds, count)

    @property
    def good(self) -> bool:
        """Say whether nobody noticed anything."""
        stored = self.stored
        is_missed = bool(stored and (stored.lost or stored.doubled))
        return not (self.failures or self.damaged or is_missed)

    def sentences(self) -> list[str]:
        """Return them in words."""
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.requests.items())
        slowest = _ms(self.slowest_seconds)
        said = [
            f"{self.requests.total()} requests ({kinds})",
            f"{len(self.failures)} failed; the slowest took {slowest}",
            *_counted(self.failures),
        ]
        if self.stored:
            said.append(
                f"{self.acknowledged} messages acknowledged; of all "
                f"{self.stored.acknowledged} until now, read back: "
                f"{self.stored.lost} lost, {self.stored.doubled} doubled"
            )
        if self.damaged:
            said.append(f"files lost or damaged: {', '.join(self.damaged)}")
        if self.gap_seconds:
            said.append(f"longest gap of a Socket.IO client: {self.gap_seconds:.2f} s")
        elif self.gap_seconds is not None:
            said.append("no Socket.IO client lost its connection")
        return said


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def _counted(failures: Sequence[Failure]) -> list[str]:
    """Say what failed, and how often."""
    kinds = Counter((one.kind, one.status) for one in failures)
    return [
        f"{count} x {kind}: {f'answered {status}' if status else 'no answer'}"
        for (kind, status), count in kinds.items()
    ]


@dataclass(frozen=True)
class StepRow:
    """One step and its figures."""

    step: str
    releases: tuple[str, ...]
    seconds: float
    figures: Figures

    def cells(self) -> tuple[str, ...]:
        """Return what stands in the columns."""
        seen = self.figures
        stored, gap = seen.stored, seen.gap_seconds
        return (
            self.step,
            str(seen.requests.total()),
            str(len(seen.failures)),
            _ms(seen.slowest_seconds),
            str(seen.acknowledged) if stored else "",
            str(stored.lost) if stored else "",
            str(stored.doubled) if stored else "",
            "" if gap is None else f"{gap:.2f} s",
            f"{self.seconds:.0f} s",
        )

    def document(self) -> dict[str, Any]:
        """Return it for programs."""
        seen = self.figures
        return {
            "step": self.step,
            "releases": self.releases,
            "seconds": round(self.seconds, 1),
            "requests": dict(seen.requests),
            "failed": len(seen.failures),
            "failures": [asdict(failure) for failure in seen.failures],
            "slowest_ms": round(seen.slowest_seconds * 1000, 1),
            "acknowledged": seen.acknowledged,
            "lost": seen.stored.lost if seen.stored else 0,
            "doubled": seen.stored.doubled if seen.stored else 0,
            "longest_gap": seen.gap_seconds,
            "damaged_files": seen.damaged,
        }


@dataclass
class TourReport:
    """The whole tour.

    ``listeners`` is what Socket.IO clients have in the end, ``first_listeners`` what
    those have that the monolith had.
    """

    rows: list[StepRow] = field(default_factory=list)
    listeners: Reconciliation | None = None
    first_listeners: Reconciliation | None = None

    @property
    def good(self) -> bool:
        """Say whether nothing failed and nothing was lost."""
        missed = any(
            got.lost or got.doubled or got.out_of_order for got in self._heard()
        )
        return all(row.figures.good for row in self.rows) and not missed

    def _heard(self) -> list[Reconciliation]:
        return [got for got in (self.first_listeners, self.listeners) if got]

    def json(self) -> str:
        """Return it for programs."""
        document = {
            "good": self.good,
            "steps": [row.document() for row in self.rows],
            "listeners": asdict(self.listeners) if self.listeners else None,
            "first_listeners": (
                asdict(self.first_listeners) if self.first_listeners else None
            ),
        }
        return json.dumps(document, indent=2)

    def table(self) -> str:
        """Return it for people."""
        lines = [HEADINGS, *(row.cells() for row in self.rows), self._total()]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        text = ["  ".join(_aligned(line, widths)).rstrip() for line in lines]
        text.insert(-1, "-" * (sum(widths) + 2 * len(widths) - 2))
        for got in self._heard():
            text += [
                "",
                f"Socket.IO clients got {got.delivered} messages, all together: "
                f"{got.lost} lost, {got.doubled} doubled, "
                f"{got.out_of_order} out of order.",
            ]
        return "\n".join(text)

    def _total(self) -> tuple[str, ...]:
        """Add up; what was lost of all messages is what the last step found."""
        found = [row.figures for row in self.rows]
        requests: Counter[str] = sum((one.requests for one in found), Counter())
        total = Figures(
            requests,
            [failure for one in found for failure in one.failures],
            max((one.slowest_seconds for one in found), default=0.0),
            sum(one.acknowledged for one in found),
            next((one.stored for one in reversed(found) if one.stored), None),
            max(
                (one.gap_seconds for one in found if one.gap_seconds is not None),
                default=None,
            ),
        )
        seconds = sum(row.seconds for row in self.rows)
        return StepRow("in all", (), seconds, total).cells()


def _aligned(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *rest = zip(line, widths, strict=True)
    return [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]
