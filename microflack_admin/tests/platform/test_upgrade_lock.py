"""The lock: one upgrade at a time, also when its owner dies."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from balancer import ADMIN, Balancer
from daemons import wait_for

from mfplatform.upgrade.lock import KEY, LockHolder, LockLost, UpgradeLock
from mfplatform.upgrade.owner import Owner
from microflack_common.registry import Registry


@pytest.fixture(scope="module")
def etcd() -> Iterator[Balancer]:
    with tempfile.TemporaryDirectory(prefix="mf lock ") as folder:
        servers = Balancer(Path(folder))
        servers.start_etcd()
        try:
            yield servers
        finally:
            servers.stop()


@pytest.fixture
def registry(etcd: Balancer) -> Registry:
    registry = Registry(etcd.etcd_url)
    registry.delete(KEY)
    return registry


HOLD = """
import sys, time
from mfplatform.upgrade.lock import UpgradeLock
from microflack_common.registry import Registry
lock = UpgradeLock(Registry(sys.argv[1]), ttl=int(sys.argv[2]))
print(lock.acquire("a test"), flush=True)
time.sleep(60)
"""


def holder(etcd: Balancer, ttl: int = 15) -> subprocess.Popen[str]:
    """Start a process that takes the lock and keeps it."""
    command = [sys.executable, "-c", HOLD, etcd.etcd_url, str(ttl)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ADMIN)
    assert process.stdout is not None
    assert process.stdout.readline() == "None\n"
    process.stdout.close()
    return process


def test_a_second_one_learns_who_holds_it_and_why(
    etcd: Balancer, registry: Registry
) -> None:
    process = holder(etcd)
    try:
        found = UpgradeLock(registry).acquire("another")
        assert found is not None
        assert (found.why, found.owner.pid) == ("a test", process.pid)
        assert f"process {process.pid}" in str(found)
    finally:
        process.kill()
        process.wait()


def test_it_can_be_taken_once_it_is_given_back(registry: Registry) -> None:
    first, second = UpgradeLock(registry), UpgradeLock(registry)
    assert first.acquire("one") is None
    assert second.acquire("two") is not None
    first.release()
    assert second.acquire("two") is None
    second.release()
    second.release()
    assert registry.get(KEY) is None


def test_the_lock_of_a_dead_process_is_taken_over_at_once(
    etcd: Balancer, registry: Registry
) -> None:
    process = holder(etcd)
    process.kill()
    process.wait()
    lock = UpgradeLock(registry)
    assert lock.acquire("next") is None
    lock.release()


def test_the_lock_of_an_owner_far_away_expires(registry: Registry) -> None:
    away = replace(Owner.this_process(), machine="elsewhere/boot")
    registry.put(KEY, json.dumps(asdict(LockHolder(away, 0, "a roll"))), ttl=1)
    lock = UpgradeLock(registry)
    assert lock.acquire("next") is not None
    wait_for(lambda: lock.acquire("next") is None)
    lock.release()


def test_it_is_refreshed_as_long_as_its_owner_lives(
    etcd: Balancer, registry: Registry
) -> None:
    process = holder(etcd, ttl=1)
    try:
        index = registry.tree("/upgrades").index
        for _ in range(6):
            assert registry.watch(KEY, index, timeout=60)
            index = registry.tree("/upgrades").index
        assert registry.get(KEY) is not None
    finally:
        process.kill()
        process.wait()


def test_an_owner_that_cannot_refresh_it_stops_trusting_it(etcd: Balancer) -> None:
    lock = UpgradeLock(Registry(etcd.etcd_url, timeout=0.2), ttl=2)
    assert lock.acquire("one") is None
    lock.check()
    etcd.etcd.stop()

    def is_lost() -> bool:
        try:
            lock.check()
        except LockLost:
            return True
        return False

    wait_for(is_lost)
    lock.release()
    etcd.start_etcd()


def test_nonsense_in_the_key_does_not_block_for_ever(registry: Registry) -> None:
    registry.put(KEY, "nonsense")
    lock = UpgradeLock(registry)
    assert lock.acquire("one") is None
    lock.release()
