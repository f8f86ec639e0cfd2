"""What must never be missing in the registry is written again."""

import pytest
from waiting import wait_for

from microflack_common.registry import Registry, RegistryError
from microflack_common.republished_keys import RepublishedKeys
from microflack_common.watched_keys import WatchedKeys


def serve(app, registry):
    """Have an application keep one key in the registry."""
    keys = WatchedKeys(registry, "/things", "things")
    republished = RepublishedKeys(keys, lambda: keys.put("a", "1"))
    republished.init_app(app)
    with pytest.raises(RegistryError):
        republished.check()
    keys.start()
    app.test_client().get("/healthz")
    return republished


def is_written(republished):
    try:
        republished.check()
    except RegistryError:
        return False
    return True


def test_they_are_written_at_the_start_and_when_they_are_lost(app, etcd, tmp_path):
    registry = Registry(etcd.url)
    registry.put("/things/complete", "1")
    republished = serve(app, registry)
    wait_for(lambda: is_written(republished))
    assert registry.get("/things/a") == "1"
    etcd.stop()
    (tmp_path / "etcd").rename(tmp_path / "lost")
    etcd.start()
    wait_for(lambda: Registry(etcd.url).get("/things/complete"))
    assert Registry(etcd.url).get("/things/a") == "1"


def test_what_could_not_be_written_is_written_later(app, etcd):
    republished = serve(app, Registry(etcd.url))
    wait_for(lambda: is_written(republished))
    Registry(etcd.url).delete("/things/a")
    republished.write_again()
    assert not is_written(republished)
    wait_for(lambda: is_written(republished))
    assert Registry(etcd.url).get("/things/a") == "1"


def test_a_registry_that_is_away_is_waited_for(app, etcd):
    etcd.stop()
    republished = serve(app, Registry(etcd.url))
    assert not is_written(republished)
    etcd.start()
    wait_for(lambda: is_written(republished))
    assert Registry(etcd.url).get("/things/complete") == "1"


def test_a_service_that_runs_alone_knows_them_itself(app):
    keys = WatchedKeys(None, "/things", "things")
    republished = RepublishedKeys(keys, lambda: keys.put("a", "1"))
    republished.init_app(app)
    app.test_client().get("/healthz")
    wait_for(lambda: is_written(republished))
    assert keys.values == {"a": "1", "complete": "1"}
