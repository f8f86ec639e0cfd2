"""The registry as tables: what one writes all see, and what ends a token stays."""

import os
import time
from uuid import uuid4

import pytest
from flask import Flask

from microflack_common import registries, revocation
from microflack_common.claims import Claims
from microflack_common.errors import ServiceUnavailable
from microflack_common.registry import HistoryLost, Registry, RegistryError
from microflack_common.table_registry import TableRegistry

LATER = int(time.time()) + 3600


@pytest.fixture
def url(tmp_path):
    """Return the URL of a new database, or of the server's that is given."""
    return os.environ.get("TEST_DATABASE_URL", f"sqlite:///{tmp_path}/registry.db")


@pytest.fixture
def root():
    """Return a key that nobody else uses."""
    return f"/test-{uuid4().hex}"


def test_what_one_writes_another_reads(url, root):
    one, another = TableRegistry(url), TableRegistry(url)
    assert another.tree(root).values == {}
    one.put(f"{root}/a", "1")
    assert another.get(f"{root}/a") == "1"
    assert another.tree(root).values == {f"{root}/a": "1"}
    one.put(f"{root}/a", "2")
    assert another.tree(root).values == {f"{root}/a": "2"}
    assert not one.delete_if(f"{root}/a", "1")
    assert one.delete_if(f"{root}/a", "2")
    one.put(f"{root}/a", "3")
    assert one.delete(f"{root}/a")
    assert another.tree(root).values == {}
    assert not one.delete(f"{root}/a")


def test_keys_differ_in_case_and_wildcards_are_none(url, root):
    registry = TableRegistry(url)
    registry.put(f"{root}/a_b/x", "1")
    registry.put(f"{root}/A_B/x", "2")
    registry.put(f"{root}/aXb/x", "3")
    assert registry.delete(f"{root}/a_b", recursive=True)
    assert set(registry.tree(root).values) == {f"{root}/A_B/x", f"{root}/aXb/x"}


def test_a_key_is_created_once(url, root):
    registry = TableRegistry(url)
    assert registry.create(root, "1")
    assert not registry.create(root, "2")
    assert registry.get(root) == "1"


def test_a_key_ends_with_its_time_to_live(url, root):
    registry = TableRegistry(url)
    registry.put(f"{root}/short", "1", ttl=1)
    registry.put(f"{root}/long", "1", ttl=3600)
    end = time.monotonic() + 30
    while f"{root}/short" in registry.tree(root).values:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert registry.get(f"{root}/short") is None
    assert registry.create(f"{root}/short", "2")
    assert registry.get(f"{root}/long") == "1"


def test_who_watches_is_told_to_list_again(url, root):
    registry = TableRegistry(url)
    index = registry.tree(root).index
    assert registry.change(root, index, 0.0) is None
    registry.put(root, "1")
    with pytest.raises(HistoryLost):
        registry.change(root, index, 30)


def test_a_database_that_is_away_is_told_without_its_password(tmp_path):
    registry = TableRegistry("mysql+pymysql://me:secret@127.0.0.1:1/registry")
    with pytest.raises(RegistryError) as told:
        registry.get("/a")
    assert "does not answer" in str(told.value)
    assert "secret" not in str(told.value)


def test_the_address_says_which_registry_it_is(url):
    assert type(registries.connect("127.0.0.1:2379")) is Registry
    assert type(registries.connect("http://127.0.0.1:2379")) is Registry
    assert registries.connect(url) is registries.connect(url)


def application(url):
    """Return the revocations of a service that has threads only within requests."""
    app = Flask(uuid4().hex)
    app.config.update(ETCD=url, BACKGROUND=False)
    return revocation.init_app(app)


def test_a_token_that_is_revoked_here_is_good_nowhere(url):
    here = application(url)
    # A process of its own has a registry of its own.
    registries._known.clear()
    there = application(url)
    here.keys.put("complete", "1")
    claims = Claims(1, int(time.time()), LATER, uuid4().hex, uuid4().hex)
    assert there.reason(claims) is None
    here.revoke_token(claims.token_id, LATER)
    assert there.reason(claims) == revocation.REVOKED
    other = claims.__class__(1, int(time.time()), LATER, uuid4().hex, claims.session_id)
    assert there.reason(other) is None
    here.end_session(claims.session_id, LATER)
    assert there.reason(other) == revocation.ENDED
    there.check()


def test_no_token_is_good_while_the_table_cannot_be_asked():
    away = application("mysql+pymysql://me:secret@127.0.0.1:1/registry")
    with pytest.raises(ServiceUnavailable):
        away.reason(Claims(1, int(time.time()), LATER, uuid4().hex))
    with pytest.raises(RegistryError):
        away.check()
