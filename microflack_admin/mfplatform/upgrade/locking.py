"""Hold the lock for as long as a command needs it, and find out what is under way."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from mfplatform.state.home import PlatformError
from mfplatform.upgrade import messages
from mfplatform.upgrade.runner import UpgradeContext, UpgradeRunner, say
from mfplatform.upgrade.state import Upgrade

POLL_SECONDS = 0.5


@contextmanager
def locked(context: UpgradeContext, why: str, wait: bool) -> Iterator[Upgrade | None]:
    """Hold the lock meanwhile; yields the upgrade that somebody has left unfinished."""
    acquire(context, why, wait)
    try:
        yield context.store.current()
    finally:
        context.lock.release()


@contextmanager
def locked_for(
    service: str, context: UpgradeContext, why: str, wait: bool
) -> Iterator[Upgrade | None]:
    """Hold the lock once no upgrade of another service is left unfinished.

    Yields the unfinished upgrade of this one, or None.
    """
    announced = False
    while True:
        with locked(context, why, wait) as unfinished:
            if unfinished is None or unfinished.service == service:
                yield unfinished
                return
            if not wait:
                refuse(context, unfinished)
        if not announced:
            say(f"waiting for the end of the upgrade {unfinished.title}")
        announced = True
        time.sleep(POLL_SECONDS)


def acquire(context: UpgradeContext, why: str, wait: bool, brief: bool = False) -> None:
    """Take the lock, after others if ``wait`` says so or they will be brief.

    :raises PlatformError: somebody else has it.
    """
    announced = False
    while holder := context.lock.acquire(why, brief):
        if not wait and not holder.brief:
            raise PlatformError(
                f"an upgrade is under way: {holder}. Wait for its end with --wait, or "
                "see where it stands with: mfupgrade history"
            )
        if not announced:
            say(f"waiting for the end of: {holder}")
        announced = True
        time.sleep(POLL_SECONDS)


def refuse(context: UpgradeContext, unfinished: Upgrade) -> None:
    """Raise PlatformError: the unfinished upgrade has to be ended first."""
    seen = UpgradeRunner(context, unfinished, taken_over=True).observe()
    raise PlatformError(messages.unfinished(unfinished, seen))
