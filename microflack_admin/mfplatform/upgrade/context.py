"""What an upgrade works with, made for a platform."""

from mfplatform.runtime.base import Runtime
from mfplatform.state.home import Home
from mfplatform.upgrade.actions import Limits
from mfplatform.upgrade.counters import HAProxyCounters
from mfplatform.upgrade.instance_manager import InstanceManager
from mfplatform.upgrade.lock import UpgradeLock
from mfplatform.upgrade.runner import UpgradeContext
from mfplatform.upgrade.store import UpgradeStore
from microflack_common.registry import Registry


def context_of(home: Home, runtime: Runtime, limits: Limits) -> UpgradeContext:
    """Return what an upgrade of a platform that runs works with."""
    registry = Registry(home.etcd)
    return UpgradeContext(
        registry,
        InstanceManager(home, runtime),
        HAProxyCounters(home),
        UpgradeStore(registry),
        UpgradeLock(registry),
        limits,
    )
