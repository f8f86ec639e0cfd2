"""Keys of the registry are known in memory, whatever happens to it."""

import pytest
from waiting import wait_for

from microflack_common import watched_keys
from microflack_common.registry import Registry, RegistryError
from microflack_common.watched_keys import WatchedKeys


@pytest.fixture
def follow():
    """Return a function that follows the keys of a registry."""

    def follow(registry):
        keys = WatchedKeys(registry, "/things", "things")
        keys.start()
        keys.wait()
        return keys

    return follow


def test_what_was_there_and_what_comes_is_known(etcd, follow):
    registry = Registry(etcd.url)
    registry.put("/things/folder/a", "1")
    keys = follow(Registry(etcd.url))
    assert keys.values == {"folder/a": "1"}
    registry.put("/things/b", "2")
    wait_for(lambda: keys.values == {"folder/a": "1", "b": "2"})
    registry.delete("/things/folder", recursive=True)
    wait_for(lambda: keys.values == {"b": "2"})


def test_what_is_written_here_is_known_at_once(etcd, follow):
    keys, other = follow(Registry(etcd.url)), follow(Registry(etcd.url))
    keys.put("a", "1")
    assert keys.values == {"a": "1"}
    wait_for(lambda: other.values == {"a": "1"}, timeout=1)
    keys.delete("a")
    assert keys.values == {}
    wait_for(lambda: other.values == {}, timeout=1)
    keys.delete("a")


def test_the_last_list_holds_while_the_registry_is_away(etcd, follow, caplog):
    keys = follow(Registry(etcd.url))
    keys.put("a", "1")
    keys.check()
    etcd.stop()
    wait_for(lambda: "holds" in caplog.text)
    with pytest.raises(RegistryError):
        keys.check()
    with pytest.raises(RegistryError):
        keys.put("b", "1")
    assert keys.values == {"a": "1"}
    etcd.start()
    Registry(etcd.url).put("/things/c", "1")
    wait_for(lambda: keys.values == {"a": "1", "c": "1"})
    keys.check()


def test_a_registry_that_came_back_without_its_data_is_followed(
    etcd, follow, tmp_path, monkeypatch
):
    monkeypatch.setattr(watched_keys, "WATCH_SECONDS", 0.2)
    registry = Registry(etcd.url)
    for _ in range(20):
        registry.put("/noise", "x")
    keys = follow(registry)
    keys.put("a", "1")
    etcd.stop()
    (tmp_path / "etcd").rename(tmp_path / "lost")
    etcd.start()
    wait_for(lambda: keys.values == {})
    Registry(etcd.url).put("/things/b", "1")
    wait_for(lambda: keys.values == {"b": "1"})


def test_keys_that_were_removed_as_a_whole_are_gone(etcd, follow):
    registry = Registry(etcd.url)
    keys = follow(registry)
    keys.put("a", "1")
    registry.delete("/things", recursive=True)
    wait_for(lambda: keys.values == {})
    registry.put("/things/b", "1")
    wait_for(lambda: keys.values == {"b": "1"})


def test_too_many_changes_to_follow_lead_to_a_new_list(etcd, follow):
    registry = Registry(etcd.url)
    keys = follow(registry)
    for number in range(1100):
        registry.put("/noise", str(number))
    Registry(etcd.url).put("/things/a", "1")
    wait_for(lambda: keys.values == {"a": "1"})


def test_callbacks_hear_of_each_change_once(etcd, follow):
    heard = []
    keys = follow(Registry(etcd.url))
    keys.on_change(heard.append)
    keys.put("a", "1")
    Registry(etcd.url).put("/things/b", "1")
    wait_for(lambda: len(heard) == 2)
    assert heard == ["a", "b"]


def test_without_a_registry_they_are_known_to_this_process():
    keys = WatchedKeys(None, "/things", "things")
    keys.start()
    keys.wait()
    keys.check()
    keys.put("a", "1")
    assert keys.values == {"a": "1"}
    keys.delete("a")
    assert keys.values == {}
