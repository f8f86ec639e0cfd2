"""What can befall a part or an instance: it stands still, or is killed."""

import asyncio

from mfplatform.runtime.base import Runtime


async def has_process(runtime: Runtime, name: str) -> bool:
    """Tell whether a part or an instance runs, so that something can befall it."""
    return bool(await asyncio.to_thread(runtime.pid, name))


async def kill(runtime: Runtime, name: str) -> None:
    """End one at once, whatever it is doing."""
    await asyncio.to_thread(runtime.kill, name)


async def freeze(runtime: Runtime, name: str, seconds: float) -> None:
    """Have one stand still, and go on, also when this is given up."""
    try:
        await asyncio.to_thread(runtime.freeze, name)
        await asyncio.sleep(seconds)
    finally:
        await asyncio.shield(asyncio.to_thread(runtime.thaw, name))
