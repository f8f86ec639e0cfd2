"""Choose the registry: an etcd, or one within this process."""

import threading
from pathlib import Path

from microflack_common import local
from microflack_common.local_registry import LocalRegistry
from microflack_common.registry import Registry

_lock = threading.Lock()
_by_file: dict[str, LocalRegistry] = {}


def connect(address: str) -> Registry:
    """Return the registry at an address, which may be asked right away.

    :param address: endpoints of etcd, or ``local:FILE``. All who name the same file
        have the same registry.
    """
    if not local.is_local(address):
        return Registry(address)
    file = str(Path(address.removeprefix(local.SCHEME)).absolute())
    with _lock:
        return _by_file.setdefault(file, LocalRegistry(Path(file)))
