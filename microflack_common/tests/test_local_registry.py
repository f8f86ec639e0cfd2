"""The registry within one process, beside a real etcd: both have to do the same."""

import sqlite3
import threading
import time

import pytest
from waiting import wait_for

from microflack_common import registries
from microflack_common.local_registry import KEPT_CHANGES, LocalRegistry
from microflack_common.registry import Change, HistoryLost, Registry, RegistryError
from microflack_common.watched_keys import WatchedKeys


@pytest.fixture
def file(tmp_path):
    return tmp_path / "registry.db"


@pytest.fixture
def registry(file):
    return LocalRegistry(file)


def test_values_are_written_read_and_removed(registry):
    assert registry.get("/a/b") is None
    registry.put("/a/b", "1")
    registry.put("/a/b", "2")
    assert registry.get("/a/b") == "2"
    assert registry.create("/a/c", "3") and not registry.create("/a/c", "4")
    assert registry.delete("/a/b") and not registry.delete("/a/b")
    assert registry.tree("/a").values == {"/a/c": "3"}
    assert registry.delete("/a", recursive=True)
    assert registry.tree("/a").created is None


def test_a_value_that_was_replaced_is_not_removed(registry):
    registry.put("/services/a/upstream/a-1", "127.0.0.1:2")
    assert not registry.delete_if("/services/a/upstream/a-1", "127.0.0.1:1")
    assert registry.delete_if("/services/a/upstream/a-1", "127.0.0.1:2")
    assert registry.get("/services/a/upstream/a-1") is None


def test_a_tree_has_what_is_below_and_nothing_beside(registry):
    for key in ("/a/b", "/a/c/d", "/ab/c"):
        registry.put(key, "1")
    assert set(registry.tree("/a").values) == {"/a/b", "/a/c/d"}
    assert set(registry.tree("/a/b").values) == {"/a/b"}


def test_what_was_written_outlives_the_process(file, registry):
    registry.put("/a", "1")
    registry.put("/b", "2", ttl=100)
    registry.put("/c", "3", ttl=1)
    registry.delete("/a")
    time.sleep(1.1)
    again = LocalRegistry(file)
    assert again.tree("").values == {"/b": "2"}
    assert again.put("/d", "4") > again.tree("/b").created


def test_a_watch_is_told_of_each_change_in_order(registry):
    index = registry.put("/other", "1")
    first = registry.put("/a/b", "1")
    second = registry.put("/a/b", "2")
    registry.delete("/a/b")
    assert registry.change("/a", index, 0) == Change(first, "/a/b", "1")
    assert registry.change("/a", first, 0) == Change(second, "/a/b", "2")
    assert registry.change("/a", second, 0) == Change(second + 1, "/a/b", None)
    assert registry.change("/a", second + 1, 0) is None
    assert registry.watch("/a", index, 0)


def test_a_watch_waits_for_a_change_and_for_the_end_of_a_time_to_live(registry):
    registry.put("/a", "1", ttl=1)
    index = registry.tree("/").index
    threading.Timer(0.1, registry.put, ("/b", "2")).start()
    assert registry.change("/b", index, 30).value == "2"
    assert registry.change("/a", index, 30).value is None
    assert registry.get("/a") is None


def test_who_has_missed_too_much_lists_again(registry):
    index = registry.put("/a", "0")
    for number in range(KEPT_CHANGES + 1):
        registry.put("/a", str(number))
    with pytest.raises(HistoryLost):
        registry.change("/a", index, 0)


def test_keys_are_kept_up_to_date_by_it(registry):
    registry.put("/rights/users/1", "a")
    keys = WatchedKeys(registry, "/rights", "rights")
    keys.start()
    keys.wait()
    assert keys.values == {"users/1": "a"}
    registry.put("/rights/users/2", "b")
    wait_for(lambda: keys.values.get("users/2") == "b")
    keys.check()


def test_a_file_that_is_none_of_its_own_is_said(file):
    file.write_text("no database, but long enough to be taken for one" * 100)
    with pytest.raises(RegistryError, match=r"registry\.db cannot be read"):
        LocalRegistry(file).get("/a")


def test_what_cannot_be_written_is_not_there(file, registry):
    registry.put("/a", "1")
    refuse = "CREATE TRIGGER full BEFORE INSERT ON keys BEGIN {} END"
    with sqlite3.connect(file) as other:
        other.execute(refuse.format("SELECT RAISE(FAIL, 'full');"))
    with pytest.raises(RegistryError, match="cannot be written: full"):
        registry.put("/b", "2")
    assert registry.get("/b") is None


def test_the_address_says_which_registry_it_is(file):
    one = registries.connect(f"local:{file}")
    assert isinstance(one, LocalRegistry)
    assert registries.connect(f"local:{file}") is one
    assert type(registries.connect("http://127.0.0.1:2379")) is Registry
