"""Play the steps, one after the other, on a platform that starts from nothing."""

import asyncio
import textwrap
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from mftools.bench.bench import say
from mftools.bench.testbed import Testbed
from mftools.tour import pause
from mftools.tour.clients import Clients
from mftools.tour.pause import Pauses
from mftools.tour.plan import History
from mftools.tour.report import StepRow, TourReport
from mftools.tour.steps import Release, Step

# Clients go on for that long after a step, before it is counted.
PAUSE_SECONDS = 3.0
# Instances of each service: an upgrade replaces them one after the other.
INSTANCES = 2
WIDTH_CHARACTERS = 78


@dataclass
class Tour:
    """One tour: where it is played, who is told, and what came of it."""

    bed: Testbed
    admin: Path
    known: History
    out: TextIO
    pauses: Pauses
    report: TourReport
    _running: set[str] = field(default_factory=set)

    async def play(self, steps: list[Step]) -> None:
        """Play these steps; clients go on from one to the next."""
        self._tell("From nothing: the platform alone, with no service.", "")
        await self._mf("mfup", "--empty")
        clients = Clients(self.bed.address)
        for step in steps:
            await self._play(step, clients)
            if self.pauses.wanted:
                self._tell("", "Look:", *self._indented(*self._directions(step)))
                await self.pauses.enter()
        say("The clients stop; everything is read back once more")
        began = time.perf_counter()
        figures, self.report.listeners = await clients.stop()
        seconds = time.perf_counter() - began
        self.report.rows.append(StepRow("the end", (), seconds, figures))

    async def _play(self, step: Step, clients: Clients) -> None:
        names = [str(release) for release in step.releases]
        self._tell("", f"{step.name}  {', '.join(names)}: {step.title}", "")
        self._tell(*textwrap.wrap(step.lesson, WIDTH_CHARACTERS), "")
        began = time.perf_counter()
        built = [f"{one.service}@{one.number}" for one in step.releases]
        await self._mf("mfbuild", *built)
        for release in step.releases:
            await self._bring(release, clients)
        await asyncio.sleep(PAUSE_SECONDS)
        figures = await clients.figures()
        row = StepRow(step.name, tuple(names), time.perf_counter() - began, figures)
        self.report.rows.append(row)
        self._tell("", *self._indented(*figures.sentences()))

    async def _bring(self, release: Release, clients: Clients) -> None:
        """Have a release run: for the first time, or in place of the one before."""
        service, number = release.service, release.number
        if service in self._running:
            await self._mf("mfupgrade", "roll", service, number)
            await self._begin(release, clients)
            return
        self._running.add(service)
        await self._mf("mfrun", service, number)
        await self._begin(release, clients)
        for _ in range(INSTANCES - 1):
            await self._mf("mfrun", service, number)

    async def _begin(self, release: Release, clients: Clients) -> None:
        if release.begins:
            await clients.begin(release.begins)
            self._tell(f"    # from now on {release.begins.value}")

    async def _mf(self, command: str, *arguments: str) -> None:
        """Do what an operator does, as it is told."""
        told = " ".join([command, *arguments])
        print(f"    {told:<44}", end="", file=self.out, flush=True)
        began = time.perf_counter()
        try:
            await asyncio.to_thread(self.bed.mf, command, *arguments)
        finally:
            self._tell(f" # {time.perf_counter() - began:.0f} s")

    def _directions(self, step: Step) -> list[str]:
        return pause.directions(step, self.bed.home, self.admin, self.known)

    def _indented(self, *lines: str) -> list[str]:
        return [f"  {line}" for line in lines]

    def _tell(self, *lines: str) -> None:
        print(*lines, sep="\n", file=self.out, flush=True)
