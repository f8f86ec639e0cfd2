"""Give clients that know no password those of ETCD and REDIS, in images made before.

It loads no library that the program does not load itself, and does nothing in one that
uses neither python-etcd nor redis-py.
"""

import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any
from urllib.parse import unquote, urlsplit


def complete_etcd(module: ModuleType) -> None:
    """Have etcd.client.Client use the name and password of ETCD."""
    found = urlsplit(os.environ.get("ETCD", "").split(",")[0])
    connect = module.Client.__init__

    def init(self: object, *arguments: Any, **options: Any) -> None:
        if found.username:
            options.setdefault("username", unquote(found.username))
            options.setdefault("password", unquote(found.password or ""))
        connect(self, *arguments, **options)

    module.Client.__init__ = init


def complete_redis(module: ModuleType) -> None:
    """Have redis.client.Redis take NAME:PASSWORD@HOST where it takes HOST."""
    connect = module.Redis.__init__

    def init(
        self: object, host: str = "localhost", *arguments: Any, **options: Any
    ) -> None:
        pair, at, host = host.rpartition("@")
        if at:
            name, _, password = pair.partition(":")
            options |= {"username": unquote(name), "password": unquote(password)}
        connect(self, host, *arguments, **options)

    module.Redis.__init__ = init


COMPLETED = {"etcd.client": complete_etcd, "redis.client": complete_redis}


class Finder(MetaPathFinder):
    """Completes those modules as soon as they have been loaded."""

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Find what is to be completed as usual, with a loader that does it."""
        complete = COMPLETED.get(name)
        spec = PathFinder.find_spec(name, path, target) if complete else None
        if complete is None or spec is None or spec.loader is None:
            return None
        load = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            load(module)
            complete(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


sys.meta_path.insert(0, Finder())
