"""The registry in a real etcd."""

import threading

import pytest
import requests

from microflack_common.registry import Registry, RegistryError


@pytest.fixture
def registry(etcd):
    """Return a registry in an empty etcd."""
    return Registry(etcd.url)


def test_a_key_is_written_read_and_removed(registry):
    registry.put("/services/a/location", "/a")
    assert registry.get("/services/a/location") == "/a"
    assert registry.delete("/services/a/location")
    assert registry.get("/services/a/location") is None
    assert not registry.delete("/services/a/location")


def test_a_key_is_removed_only_while_it_has_that_value(registry):
    registry.put("/services/a/upstream/a-1", "127.0.0.1:2")
    assert not registry.delete_if("/services/a/upstream/a-1", "127.0.0.1:1")
    assert registry.get("/services/a/upstream/a-1") == "127.0.0.1:2"
    assert registry.delete_if("/services/a/upstream/a-1", "127.0.0.1:2")
    assert not registry.delete_if("/services/a/upstream/a-1", "127.0.0.1:2")


def test_a_key_is_made_once(registry):
    assert registry.create("/lock", "me", ttl=10)
    assert not registry.create("/lock", "you", ttl=10)
    assert registry.get("/lock") == "me"


def test_a_tree_lists_all_leaves(registry):
    registry.put("/services/a/upstream/a-1", "127.0.0.1:1")
    last = registry.put("/services/a/location", "/a")
    tree = registry.tree("/services")
    assert tree.values == {
        "/services/a/upstream/a-1": "127.0.0.1:1",
        "/services/a/location": "/a",
    }
    assert tree.index >= last
    assert tree.created is not None


def test_an_empty_folder_is_no_leaf(registry):
    registry.put("/services/a/upstream/a-1", "127.0.0.1:1")
    registry.delete("/services/a/upstream/a-1")
    assert registry.tree("/services").values == {}


def test_a_tree_that_is_not_there_says_so(registry):
    tree = registry.tree("/services")
    assert (tree.created, tree.values) == (None, {})


def test_a_folder_that_was_made_anew_can_be_told(registry):
    registry.put("/services/a/location", "/a")
    before = registry.tree("/services").created
    registry.delete("/services", recursive=True)
    registry.put("/services/a/location", "/a")
    assert registry.tree("/services").created != before


def test_a_key_with_a_time_to_live_vanishes(registry):
    index = registry.put("/services/a/upstream/a-1", "127.0.0.1:1", ttl=1)
    assert registry.watch("/services", index, timeout=60)
    assert registry.get("/services/a/upstream/a-1") is None


def test_a_watch_sees_a_change_that_came_before_it(registry):
    index = registry.tree("/services").index
    registry.put("/services/a/location", "/a")
    assert registry.watch("/services", index, timeout=60)


def test_a_watch_wakes_when_something_changes(registry):
    index = registry.put("/services/a/location", "/a")
    change = threading.Timer(0.1, registry.put, ("/services/b/location", "/b"))
    change.start()
    assert registry.watch("/services", index, timeout=60)
    change.join()


def test_a_watch_ends_when_nothing_changes(registry):
    index = registry.put("/services/a/location", "/a")
    assert not registry.watch("/services", index, timeout=0.2)


def test_a_watch_from_long_ago_says_list_again(registry):
    index = registry.put("/services/a/location", "/a")
    for number in range(1100):
        registry.put("/other", str(number))
    assert registry.watch("/services", index, timeout=60)


def test_any_text_can_be_stored(registry):
    value = 'a\nb "c" & ü=1'
    registry.put("/odd", value)
    assert registry.get("/odd") == value


def test_an_etcd_that_is_away_raises_and_is_found_again(etcd, registry):
    registry.put("/a", "1")
    etcd.stop()
    with pytest.raises(RegistryError):
        registry.get("/a")
    etcd.start()
    assert registry.get("/a") == "1"


def test_one_etcd_of_several_is_enough(etcd):
    registry = Registry(f"http://127.0.0.1:1,{etcd.url}")
    registry.put("/a", "1")
    assert registry.get("/a") == "1"


def test_a_registry_can_be_made_before_its_etcd_is_up():
    registry = Registry("127.0.0.1:1")
    with pytest.raises(RegistryError):
        registry.get("/a")


def test_no_endpoint_is_an_error():
    with pytest.raises(ValueError, match="ETCD"):
        Registry(" , ")


def test_a_name_and_password_in_the_address_let_in(etcd):
    users = f"{etcd.url}/v2/auth"
    made = {"user": "root", "password": "a p@ss/w:rd"}
    assert requests.put(f"{users}/users/root", json=made, timeout=30).ok
    assert requests.put(f"{users}/enable", timeout=30).ok
    own = ("root", made["password"])
    guest = {"role": "guest", "revoke": {"kv": {"read": ["/*"], "write": ["/*"]}}}
    path = f"{users}/roles/guest"
    assert requests.put(path, json=guest, auth=own, timeout=30).ok
    address = etcd.url.removeprefix("http://")
    registry = Registry(f"http://root:a%20p%40ss%2Fw%3Ard@{address}", timeout=30)
    registry.put("/a", "1")
    assert registry.get("/a") == "1"
    with pytest.raises(RegistryError, match="name and password in ETCD"):
        Registry(etcd.url, timeout=30).put("/a", "2")
