"""What an instance leaves behind when it has stopped."""

import contextlib

from mfplatform.state import instances
from mfplatform.state.home import Home
from mfplatform.state.instances import Instance
from microflack_common.registry import Registry, RegistryError


def clear(home: Home, instance: Instance) -> None:
    """Remove a stopped instance's key and record."""
    # It may have refreshed its key in the moment of its end; without the registry the
    # key expires.
    with contextlib.suppress(RegistryError):
        Registry(home.etcd).delete(instance.key)
    instances.forget(home, instance.name)
