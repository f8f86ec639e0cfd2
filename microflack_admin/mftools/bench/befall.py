"""What can befall a part or an instance: it stands still, or is killed."""

import asyncio
import signal

from mfplatform.runtime.base import Runtime
from mfplatform.runtime.process import processes
from mftools.bench import usage


async def processes_of(runtime: Runtime, name: str) -> list[int]:
    """Return the processes of a part or instance; none while it has none."""
    pid = await asyncio.to_thread(runtime.pid, name)
    return usage.family(pid, usage.children()) if pid else []


def kill(family: list[int]) -> None:
    """End processes at once, whatever they are doing."""
    processes.send(family, signal.SIGKILL)


async def freeze(family: list[int], seconds: float) -> None:
    """Have processes stand still, and go on, also when this is given up."""
    processes.send(family, signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        processes.send(family, signal.SIGCONT)
