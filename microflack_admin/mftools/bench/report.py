"""The table of all figures: for people, for programs, and for the guide."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from mftools.bench.figures import Goal, Spread, formatted

HEADINGS: tuple[str, ...] = ("", "figure", "lowest - highest", "target", "reached", "")


@dataclass(frozen=True)
class Row:
    """One figure: what it is, how much, and what it should be."""

    part: str
    what: str
    spread: Spread
    unit: str = ""
    goal: Goal | None = None
    note: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def reached(self) -> bool | None:
        """Say whether the goal is reached; None when there is none."""
        return self.goal.reached(self.spread.middle) if self.goal else None

    def cells(self) -> tuple[str, ...]:
        """Return what stands in the columns."""
        spread = self.spread
        figure = f"{formatted(spread.middle)} {self.unit}".strip()
        ends = f"{formatted(spread.low)} - {formatted(spread.high)}"
        goal = f"{self.goal} {self.unit}".strip() if self.goal else ""
        reached = {None: "", True: "yes", False: "NO"}[self.reached]
        return (
            self.what,
            figure,
            "" if spread.low == spread.high else ends,
            goal,
            reached,
            self.note,
        )

    def document(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "part": self.part,
            "what": self.what,
            "unit": self.unit,
            **asdict(self.spread),
            "target": str(self.goal) if self.goal else None,
            "reached": self.reached,
            "note": self.note,
            **self.details,
        }


def single(value: float) -> Spread:
    """Return the spread of something that was measured once."""
    return Spread(value, value, value)


@dataclass
class Report:
    """All figures of one run."""

    machine: dict[str, Any]
    # How many there were of each service.
    instances: int = 1
    rows: list[Row] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)

    def parts(self) -> list[str]:
        """Return the names of what was measured, in order."""
        return list(dict.fromkeys(row.part for row in self.rows))

    def document(self) -> dict[str, Any]:
        """Return everything for programs."""
        rows = [row.document() for row in self.rows]
        return {
            "machine": self.machine,
            "instances": self.instances,
            "rows": rows,
            "skipped": self.skipped,
        }

    def json(self) -> str:
        """Return everything as JSON."""
        return json.dumps(self.document(), indent=2)

    def table(self) -> str:
        """Return everything for people."""
        lines = [HEADINGS]
        for part in self.parts():
            lines += [(part.upper(), *[""] * (len(HEADINGS) - 1))]
            lines += [(f"  {row[0]}", *row[1:]) for row in self._cells(part)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        text = [_line(line, widths) for line in lines]
        text += [f"{part}: skipped, {why}" for part, why in self.skipped.items()]
        return "\n".join([*text, "", self._about()])

    def markdown(self, parts: Sequence[str]) -> str:
        """Return what was measured of these parts, for the guide."""
        text = [self._about(), ""]
        for part in filter(parts.__contains__, self.parts()):
            text += [_markdown((f"**{part}**", *HEADINGS[1:]))]
            text += [_markdown(("---",) * len(HEADINGS))]
            text += [_markdown(cells) for cells in self._cells(part)]
            text += [""]
        for what, why in self.skipped.items():
            if re.split("[: ]", what)[0] in parts:
                text += [f"{what}: skipped, {why}.\n"]
        return "\n".join(text).rstrip() + "\n"

    def _cells(self, part: str) -> Iterable[tuple[str, ...]]:
        return (row.cells() for row in self.rows if row.part == part)

    def _about(self) -> str:
        about = "Measured with {version} on {cores} cores ({cpu}), {date}".format(
            **self.machine
        )
        if self.instances > 1:
            about += f", with {self.instances} instances of each service"
        return f"{about}."


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = map(str.ljust, cells, widths)
    return "  ".join([first, *rest]).rstrip()


def _markdown(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def into_page(page: str, figures: str, part: str) -> str:
    """Return a page of the guide with the figures of a part in place of its own."""
    begin, end = f"<!-- figures: {re.escape(part)} -->\n", "<!-- end of figures -->"
    pattern = re.compile(f"({begin}).*?({end})", re.DOTALL)
    new, found = pattern.subn(lambda match: match[1] + figures + match[2], page)
    if found != 1:
        raise ValueError(f"The page has no place for the figures of {part}.")
    return new
