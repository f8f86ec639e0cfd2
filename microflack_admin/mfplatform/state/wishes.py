"""How many instances of a service are wanted, as people and the registry say it.

The key /desired/SERVICE is written by `mfscale` and followed by whoever starts or stops
instances by hand, so that nobody works against a person. A service without the key is
left to people alone.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from mfplatform.state import instances
from mfplatform.state.home import Home
from microflack_common.registry import Registry, RegistryError

ROOT = "/desired"


@dataclass(frozen=True)
class Wish:
    """So many instances of a service are wanted.

    :param instances: how many, now.
    :param least: that number never goes below this one,
    :param most: nor above this one, whatever the load is.
    :param since: when ``instances`` was last changed, in Unix seconds.
    """

    instances: int
    least: int
    most: int
    since: float = 0.0

    @classmethod
    def parse(cls, text: str) -> "Wish | None":
        """Return what a key's value says; None if it makes no sense."""
        try:
            stored = json.loads(text)
            if isinstance(stored, int):
                stored = {"instances": stored}
            number = int(stored["instances"])
            least, most = (int(stored.get(name, number)) for name in ("min", "max"))
            since = float(stored.get("since", 0))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
            return None
        return cls(number, least, most, since) if 1 <= least <= number <= most else None

    def stored(self) -> dict[str, Any]:
        """Return it as the registry keeps it."""
        return {
            "instances": self.instances,
            "min": self.least,
            "max": self.most,
            "since": round(self.since, 3),
        }

    def changed(self, number: int, now: float) -> "Wish":
        """Return it with another number, which may lie outside of its limits."""
        least, most = min(self.least, number), max(self.most, number)
        if self.least == self.most:
            least = most = number
        return replace(self, instances=number, least=least, most=most, since=now)

    def __str__(self) -> str:
        if self.least == self.most:
            return str(self.instances)
        return f"{self.instances} ({self.least}-{self.most})"


def key(service: str) -> str:
    """Return the key of a service's wish."""
    return f"{ROOT}/{service}"


def read(registry: Registry, service: str) -> Wish | None:
    """Return what is wanted of a service; RegistryError if that cannot be known."""
    text = registry.get(key(service))
    return None if text is None else Wish.parse(text)


def read_all(registry: Registry) -> dict[str, Wish]:
    """Return what is wanted, by service; RegistryError if that cannot be known."""
    found = registry.tree(ROOT).values
    wishes = {name.removeprefix(f"{ROOT}/"): Wish.parse(found[name]) for name in found}
    return {service: wish for service, wish in wishes.items() if wish is not None}


def write(registry: Registry, service: str, wish: Wish) -> None:
    """Say what is wanted of a service."""
    registry.put(key(service), json.dumps(wish.stored()))


def forget(registry: Registry, service: str) -> bool:
    """Leave a service to people alone; False if it was so already."""
    return registry.delete(key(service))


@contextmanager
def changing(home: Home) -> Iterator[Registry]:
    """Let one process at a time read a wish and write another one."""
    with home.locked("desired"):
        yield Registry(home.etcd)


def grow(home: Home, service: str) -> None:
    """Have at least as many wanted as there are, if any are: a person started one."""
    _change(home, service, max)


def shrink(home: Home, service: str, stopped: int) -> Wish | None:
    """Have fewer wanted: a person stopped some; return what is, if that has changed.

    Of a service that has none left nothing is wanted any more.
    """

    def number(wanted: int, there: int) -> int:
        # Some may have been too many, others missing.
        return max(wanted - stopped, min(wanted, there)) if there else 0

    return _change(home, service, number)


def _change(home: Home, service: str, number: Callable[[int, int], int]) -> Wish | None:
    """Change a wish to what follows from it and from how many there are."""
    # Without the registry nobody acts on wishes, and commands go on.
    with suppress(RegistryError), changing(home) as registry:
        wish = read(registry, service)
        if wish is None:
            return None
        there = sum(one.service == service for one in instances.all_instances(home))
        wanted = number(wish.instances, there)
        if wanted < 1:
            forget(registry, service)
        elif wanted != wish.instances:
            changed = wish.changed(wanted, time.time())
            write(registry, service, changed)
            return changed
    return None
