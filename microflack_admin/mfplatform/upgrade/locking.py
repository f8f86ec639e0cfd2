"""Come to hold the lock, and find out what is under way."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from mfplatform.state.home import PlatformError
from mfplatform.upgrade import messages
from mfplatform.upgrade.runner import Engine, Tools, say
from mfplatform.upgrade.state import Upgrade

PAUSE = 0.5


@contextmanager
def locked(tools: Tools, why: str, wait: bool) -> Iterator[Upgrade | None]:
    """Hold the lock meanwhile; yields the upgrade that somebody has left."""
    enter(tools, why, wait)
    try:
        yield tools.store.current()
    finally:
        tools.lock.release()


def enter(tools: Tools, why: str, wait: bool) -> None:
    """Take the lock, after others if that is wished."""
    told = False
    while held := tools.lock.acquire(why):
        if not wait:
            raise PlatformError(
                f"an upgrade is under way: {held}. Wait for its end with --wait, or "
                "see where it stands with: mfupgrade history"
            )
        if not told:
            say(f"waiting for the end of: {held}")
        told = True
        time.sleep(PAUSE)


@contextmanager
def free(tools: Tools, why: str, wait: bool, service: str) -> Iterator[Upgrade | None]:
    """Hold the lock once no upgrade of another service is left unfinished."""
    told = False
    while True:
        with locked(tools, why, wait) as left:
            if left is None or left.service == service:
                yield left
                return
            if not wait:
                refuse(tools, left)
        if not told:
            say(f"waiting for the end of the upgrade {left.title}")
        told = True
        time.sleep(PAUSE)


def refuse(tools: Tools, left: Upgrade) -> None:
    """Say that what is left has to be ended first."""
    seen = Engine(tools, left, taken_over=True).look()
    raise PlatformError(messages.refusal(left, seen))
