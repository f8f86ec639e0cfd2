"""Choose the registry: an etcd, one within this process, or tables of a database."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from microflack_common import local
from microflack_common.local_registry import LocalRegistry
from microflack_common.registry import Registry

_lock = threading.Lock()
_known: dict[str, Registry] = {}


def connect(address: str) -> Registry:
    """Return the registry at an address, which may be asked right away.

    :param address: endpoints of etcd, ``local:FILE``, or the URL of a database, as
        SQLAlchemy has it. All who name the same file or database have the same
        registry.
    """
    if local.is_local(address):
        file = Path(address.removeprefix(local.SCHEME)).absolute()
        return _shared(f"{local.SCHEME}{file}", partial(LocalRegistry, file))
    if is_database(address):
        return _shared(address, partial(_tables, address))
    return Registry(address)


def is_database(address: str) -> bool:
    """Say whether an address is the URL of a database, and not endpoints of etcd."""
    scheme, separator, _ = address.partition("://")
    return bool(separator) and scheme not in ("http", "https")


def _tables(url: str) -> Registry:
    # Needs what not every service has.
    from microflack_common.table_registry import TableRegistry

    return TableRegistry(url)


def _shared(address: str, make: Callable[[], Registry]) -> Registry:
    with _lock:
        if address not in _known:
            _known[address] = make()
        return _known[address]
