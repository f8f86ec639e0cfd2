"""Have nobody start again what a person stops by hand.

Where so many instances are wanted (mfscale), the caretaker would, as soon as one is
missing. What it does, it does while it holds the lock of upgrades for a moment.
"""

import sys
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress

from mfplatform.state import wishes
from mfplatform.state.home import Home
from mfplatform.state.instances import Instance
from mfplatform.upgrade.lock import UpgradeLock
from microflack_common.registry import Registry, RegistryError

POLL_SECONDS = 0.2


def want_none(home: Home, words: Collection[str]) -> None:
    """Have none wanted any more of the services that the words name.

    What somebody was about to start is there then, to be stopped with the others.
    """
    with suppress(RegistryError):
        registry = Registry(home.etcd)
        named = [one for one in wishes.read_all(registry) if {one, "all"} & set(words)]
        for service in named:
            wishes.forget(registry, service)
        lock = UpgradeLock(registry)
        while named and (holder := lock.holder()) and holder.is_brief_work():
            time.sleep(POLL_SECONDS)


@contextmanager
def undisturbed(home: Home, services: Collection[str]) -> Iterator[None]:
    """Let nobody start or stop instances meanwhile, if some of these are wanted.

    The end of an upgrade is not waited for: beside one the caretaker does nothing.
    """
    lock = None
    # Without the registry nobody acts on wishes.
    with suppress(RegistryError):
        registry = Registry(home.etcd)
        if not wishes.read_all(registry).keys().isdisjoint(services):
            lock = UpgradeLock(registry)
            _take(lock)
    try:
        yield
    finally:
        if lock is not None:
            lock.release()


def _take(lock: UpgradeLock) -> None:
    is_told = False
    while (holder := lock.acquire("mfkill", brief=True)) and holder.is_brief_work():
        if not is_told:
            say(f"waiting for the end of: {holder}")
        is_told = True
        time.sleep(POLL_SECONDS)


def follow(home: Home, stopped: Iterable[Instance]) -> None:
    """Have fewer wanted, since a person has stopped these."""
    for service, number in Counter(one.service for one in stopped).items():
        if wish := wishes.shrink(home, service, number):
            say(f"of {service} {wish} are wanted now (see mfscale)")


def say(text: str) -> None:
    """Report something."""
    print(f"mfkill: {text}", file=sys.stderr, flush=True)
