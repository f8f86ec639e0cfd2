"""What was measured of one server, and the rows that set them side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mftools.bench.figures import Spread, formatted, quantile
from mftools.bench.report import Row, single

PART = "peers"


@dataclass
class Work:
    """Some seconds of work: what was done, and who used the processors meanwhile.

    ``latencies`` are in seconds; ``server``, ``generator`` and ``others`` are seconds
    of CPU: of the server's processes, of this one, and of the rest of the machine.
    """

    seconds: float
    latencies: list[float]
    failed: int
    server: float
    generator: float
    others: float

    @property
    def rate(self) -> float:
        """What was done in a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of the server's CPU for each."""
        done = len(self.latencies) + self.failed
        return self.server / done * 1000 if done else 0.0

    def quantile_ms(self, share: float) -> float:
        """Return the milliseconds within which this share of all was done."""
        found = quantile(self.latencies, share) if self.latencies else float("inf")
        return found * 1000

    def cores(self) -> str:
        """Say how many cores the generator and others took meanwhile."""
        used = [one / self.seconds for one in (self.generator, self.others)]
        return "cores of the generator {}, of others {}".format(*map(formatted, used))

    def document(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "p50_ms": self.quantile_ms(0.5),
            "p99_ms": self.quantile_ms(0.99),
            "server_cpu_ms": self.cpu_ms,
            "failed": self.failed,
            "generator_cores": self.generator / self.seconds,
            "other_cores": self.others / self.seconds,
        }


@dataclass
class Result:
    """What was measured of one server; ``live`` by the number of clients."""

    name: str
    setup: str
    start_seconds: float = 0.0
    idle_mb: float = 0.0
    used_mb: float = 0.0
    posts: list[Work] = field(default_factory=list)
    lists: list[Work] = field(default_factory=list)
    live: dict[int, Work] = field(default_factory=dict)
    missing: dict[int, int] = field(default_factory=dict)
    acknowledged: int = 0
    stored: int = 0


def rows(results: Sequence[Result]) -> list[Row]:
    """Return all rows, each figure of all servers one below the other."""
    found: list[Row] = []
    for figure in FIGURES:
        found += [row for result in results for row in figure(result)]
    return found


def _start(result: Result) -> list[Row]:
    what = f"{result.name}: start to the first message"
    return [Row(PART, what, single(result.start_seconds), "s", note=result.setup)]


def _memory(result: Result) -> list[Row]:
    return [
        Row(PART, f"{result.name}: memory, idle", single(result.idle_mb), "MB"),
        Row(PART, f"{result.name}: memory, after all", single(result.used_mb), "MB"),
    ]


def _rate(result: Result, what: str, works: Sequence[Work]) -> list[Row]:
    if not works:
        return []
    middle = sorted(works, key=lambda one: one.rate)[len(works) // 2]
    rates = Spread.of([one.rate for one in works])
    name = f"{result.name}: {what}"
    return [Row(PART, name, rates, "/s", note=_note(middle), details=middle.document())]


def _note(work: Work) -> str:
    p50, p99 = (formatted(work.quantile_ms(share)) for share in (0.5, 0.99))
    note = f"p50 {p50}, p99 {p99} ms; CPU {formatted(work.cpu_ms)} ms each"
    note += f"; {work.cores()}"
    return f"{note}; {work.failed} FAILED" if work.failed else note


def _posts(result: Result) -> list[Row]:
    return _rate(result, "messages posted, 8 connections", result.posts)


def _lists(result: Result) -> list[Row]:
    return _rate(result, "newest 100 messages, 8 connections", result.lists)


def _live(result: Result) -> list[Row]:
    found = []
    for clients, work in result.live.items():
        missing = result.missing[clients]
        note = _note(work) + (f"; {missing} NOT HEARD" if missing else "")
        p99 = single(work.quantile_ms(0.99))
        what = f"{result.name}: {clients} clients, 5/s: the last hears, p99"
        found.append(Row(PART, what, p99, "ms", note=note, details=work.document()))
    return found


def _stored(result: Result) -> list[Row]:
    share = 100 * result.stored / result.acknowledged if result.acknowledged else 0.0
    what = f"{result.name}: acknowledged messages that are in its database"
    note = f"{result.stored} of {result.acknowledged}"
    return [Row(PART, what, single(share), "%", note=note)]


FIGURES: tuple[Callable[[Result], list[Row]], ...] = (
    *(_start, _memory, _posts, _lists, _live, _stored),
)
