"""The pause after a step: what to look at, until somebody presses Enter."""

import asyncio
import os
import shlex
import sys
from pathlib import Path

from mfplatform.state.home import Home
from mftools.bench.bench import say
from mftools.tour.plan import History
from mftools.tour.steps import Step


def directions(step: Step, home: Home, admin: Path, known: History) -> list[str]:
    """Say what to look at after a step, and how."""
    port = home.settings["MF_PORT"]
    shows = [
        f"git -C {_quoted(admin.parent / f'microflack_{one.service}')} "
        f"show --stat {known[one.service][one.number][:10]}"
        for one in step.releases
    ]
    return [
        step.look,
        f"The chat: {home.balancer}/",
        "In another terminal:",
        f"    export MF_HOME={_quoted(home.path)} MF_PORT={port}",
        f"    source {_quoted(admin / 'mfvars')}",
        *(f"    {command}" for command in step.commands),
        "The code:",
        *(f"    {command}" for command in shows),
        f"The guide: {admin / 'docs' / 'talk.md'}",
    ]


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))


class Pauses:
    """Pauses until Enter is pressed, as long as there is somebody who could."""

    def __init__(self, wanted: bool, source: int = 0) -> None:
        self.wanted = wanted
        self._source = source

    async def enter(self) -> None:
        """Wait; clients go on meanwhile."""
        say("Press Enter to go on")
        sys.stdout.flush()
        sign = b""
        while sign != b"\n":
            sign = await self._byte()
            if not sign:
                say("mftour: nobody can press Enter here: no more pauses")
                self.wanted = False
                return

    async def _byte(self) -> bytes:
        """Read from standard input without holding up anything else."""
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        try:
            loop.add_reader(self._source, ready.set)
        except PermissionError:
            # A file, which never lets anybody wait.
            return os.read(self._source, 1)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(self._source)
        return os.read(self._source, 1)
