"""What misfortunes come to: the runtime, the lines of instances, and the disk."""

import asyncio
import time
from types import TracebackType

from mfplatform.commands import run
from mfplatform.runtime import base
from mfplatform.state import instances
from mfplatform.state.home import read_env
from mftools.bench import befall
from mftools.bench.testbed import Testbed
from mftools.chaos.lines import Line
from mftools.chaos.plan import Misfortune
from mftools.chaos.small_disk import SmallDisk
from mftools.chaos.targets import behind_a_line, check_reach

# What died has to have a process again before it is its turn once more.
RETURN_SECONDS, LOOK_SECONDS = 60.0, 0.1
# The settings with the ports by which instances reach the parts.
PORTS = ("ETCD_PORT", "MYSQL_PORT", "REDIS_PORT", "SERVICES_PORT")


class Ground:
    """A platform that is up, and all that can befall it.

    :param disk: the small disk that it is on, if it is on one.
    """

    def __init__(self, bed: Testbed, disk: SmallDisk | None) -> None:
        self._home = bed.home
        self._runtime = base.create(bed.home)
        self._disk = disk
        self._lines: dict[str, Line] = {}

    async def __aenter__(self) -> "Ground":
        """Begin with an instance more of each service, behind a line of its own.

        :raises PlatformError: something could not befall one of all instances.
        """
        known = instances.all_instances(self._home)
        for service in sorted({one.service for one in known}):
            await self._start_behind_a_line(service)
        names = [one.name for one in instances.all_instances(self._home)]
        check_reach(self._home, self._runtime, names)
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Give up the lines."""
        for line in self._lines.values():
            await line.close()

    async def befall(self, one: Misfortune) -> None:
        """Let it happen, and be over, also when this is given up."""
        match one.kind:
            case "kill":
                await self._wait_until_there(one.target)
                await befall.kill(self._runtime, one.target)
            case "freeze":
                await self._wait_until_there(one.target)
                await befall.freeze(self._runtime, one.target, one.seconds)
            case "cut":
                await self._cut(self._lines[one.target], one.seconds)
            case "fill":
                await self._fill(one.seconds)

    async def _start_behind_a_line(self, service: str) -> None:
        like = next(
            one for one in instances.all_instances(self._home) if one.service == service
        )
        given = read_env(instances.environment_file(self._home, like.name))
        line = Line(self._home.host)
        ports = [self._home.settings[name] for name in PORTS]
        led = await line.lead(given, ports)
        name = await asyncio.to_thread(
            run.run, self._home, self._runtime, service, like.image, led
        )
        assert name == behind_a_line(service)
        self._lines[name] = line

    async def _wait_until_there(self, name: str) -> None:
        end = time.monotonic() + RETURN_SECONDS
        while not await befall.has_process(self._runtime, name):
            if time.monotonic() > end:
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def _cut(self, line: Line, seconds: float) -> None:
        line.cut()
        try:
            await asyncio.sleep(seconds)
        finally:
            line.mend()

    async def _fill(self, seconds: float) -> None:
        assert self._disk is not None
        try:
            await asyncio.to_thread(self._disk.fill)
            await asyncio.sleep(seconds)
        finally:
            self._disk.clear()
