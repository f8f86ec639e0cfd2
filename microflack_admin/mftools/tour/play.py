"""Play the steps, one after the other, on a platform of its own."""

import asyncio
import textwrap
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TextIO

from mftools.bench.bench import say
from mftools.bench.reconciliation import Reconciliation
from mftools.bench.testbed import Testbed
from mftools.tour import pause
from mftools.tour.beginning import ALL, BEGINNING, SCENES, Scene
from mftools.tour.clients import Clients
from mftools.tour.monolith import Monolith
from mftools.tour.pause import Pauses
from mftools.tour.plan import History
from mftools.tour.report import StepRow, TourReport
from mftools.tour.steps import Begin, Release, Step

# Clients go on for that long after a step, before it is counted.
PAUSE_SECONDS = 3.0
# Instances of each service: an upgrade replaces them one after the other.
INSTANCES = 2
WIDTH_CHARACTERS = 78

# What an operator does in a step.
Doing = Callable[[Step, Clients], Awaitable[None]]


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

    async def begin(self, monolith: Monolith) -> None:
        """Take a monolith apart, while clients do all that they can from its start."""
        self._tell("From a monolith: first a platform, with no service.", "")
        await self._mf("mfup", "--empty")
        clients = Clients(self.bed.address)
        for scene in SCENES:
            await self._play(scene, clients, partial(self._scene, monolith))
        self.report.first_listeners = await self._end(clients, "its end")

    async def play(self, steps: list[Step]) -> None:
        """Play these steps; clients go on from one to the next."""
        self._tell("From nothing: the platform alone, with no service.", "")
        await self._mf("mfup", "--empty")
        clients = Clients(self.bed.address)
        for step in steps:
            await self._play(step, clients, self._releases)
        self.report.listeners = await self._end(clients, "the end")

    async def _end(self, clients: Clients, name: str) -> Reconciliation | None:
        """Stop the clients; return what those that listened have in the end."""
        say("The clients stop; everything is read back once more")
        began = time.perf_counter()
        figures, listeners = await clients.stop()
        seconds = time.perf_counter() - began
        self.report.rows.append(StepRow(name, (), seconds, figures))
        return listeners

    async def _play(self, step: Step, clients: Clients, do: Doing) -> None:
        names = [str(release) for release in step.releases]
        told = f"  {', '.join(names)}" if names else ""
        self._tell("", f"{step.name}{told}: {step.title}", "")
        self._tell(*textwrap.wrap(step.lesson, WIDTH_CHARACTERS), "")
        began = time.perf_counter()
        await do(step, clients)
        await self._begin(step.begins, clients)
        await asyncio.sleep(PAUSE_SECONDS)
        figures = await clients.figures()
        row = StepRow(step.name, tuple(names), time.perf_counter() - began, figures)
        self.report.rows.append(row)
        self._tell("", *self._indented(*figures.sentences()))
        if self.pauses.wanted:
            self._tell("", "Look:", *self._indented(*self._directions(step)))
            await self.pauses.enter()

    async def _scene(self, monolith: Monolith, step: Step, clients: Clients) -> None:
        assert isinstance(step, Scene)
        for told, call in monolith.commands(step):
            await self._call(told, call)
        if step is BEGINNING:
            for one in ALL:
                await self._begin(one, clients)

    async def _releases(self, step: Step, clients: Clients) -> None:
        built = [f"{one.service}@{one.number}" for one in step.releases]
        await self._mf("mfbuild", *built)
        for release in step.releases:
            await self._bring(release, clients)

    async def _bring(self, release: Release, clients: Clients) -> None:
        """Have a release run: for the first time, or in place of the one before."""
        service, number = release.service, release.number
        if service in self._running:
            await self._mf("mfupgrade", "roll", service, number)
            await self._begin(release.begins, clients)
            return
        self._running.add(service)
        await self._mf("mfrun", service, number)
        await self._begin(release.begins, clients)
        for _ in range(INSTANCES - 1):
            await self._mf("mfrun", service, number)

    async def _begin(self, what: Begin | None, clients: Clients) -> None:
        if what:
            await clients.begin(what)
            self._tell(f"    # from now on {what.value}")

    async def _mf(self, command: str, *arguments: str) -> None:
        """Do what an operator does, as it is told."""
        told = " ".join([command, *arguments])
        await self._call(told, lambda: self.bed.mf(command, *arguments))

    async def _call(self, told: str, call: Callable[[], object]) -> None:
        print(f"    {told:<44}", end="", file=self.out, flush=True)
        began = time.perf_counter()
        try:
            await asyncio.to_thread(call)
        finally:
            self._tell(f" # {time.perf_counter() - began:.0f} s")

    def _directions(self, step: Step) -> list[str]:
        return pause.directions(step, self.bed.home, self.admin, self.known)

    def _indented(self, *lines: str) -> list[str]:
        return [f"  {line}" for line in lines]

    def _tell(self, *lines: str) -> None:
        print(*lines, sep="\n", file=self.out, flush=True)
