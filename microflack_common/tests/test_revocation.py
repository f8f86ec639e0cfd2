"""Revoked tokens are refused everywhere, soon, and without asking anybody."""

import time

import jwt
import pytest
from flask import Flask

from microflack_common import auth, health, revocation
from microflack_common.errors import ServiceUnavailable
from microflack_common.registry import Registry, RegistryError
from microflack_common.revocation import RevokedTokens
from microflack_common.testing import FakeRegistry, bearer, token_for


def wait_for(condition, timeout=10):
    """Wait until ``condition`` is true."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, condition
        time.sleep(0.01)


def in_an_hour():
    return int(time.time()) + 3600


@pytest.fixture
def registry():
    """Return a registry in memory."""
    return FakeRegistry()


@pytest.fixture
def client(app, registry):
    """Return a client of a service that refuses revoked tokens."""
    revocation.init_app(app, registry)

    @app.get("/closed")
    @app.auth_required(auth.token_auth)
    def closed():
        return {"id": auth.current_claims().token_id}

    return app.test_client()


@pytest.fixture
def follow():
    """Return a function that follows a registry."""

    def follow(registry):
        revoked = RevokedTokens(registry)
        revoked.start()
        return revoked

    return follow


def test_a_revoked_token_is_refused_with_the_reason(app, client, registry):
    headers = token_for(app, 1)
    token_id = client.get("/closed", headers=headers).json["id"]
    registry.put(f"/revoked-tokens/{token_id}", "1")
    wait_for(lambda: client.get("/closed", headers=headers).status_code == 401)
    assert "revoked" in client.get("/closed", headers=headers).json["error"]
    assert client.get("/closed", headers=token_for(app, 1)).status_code == 200


def test_every_instance_knows_within_a_second(etcd, follow):
    one, other = follow(Registry(etcd.url)), follow(Registry(etcd.url))
    assert "a" not in one
    assert "a" not in other
    one.revoke("a", in_an_hour())
    assert "a" in one
    wait_for(lambda: "a" in other, timeout=1)


def test_what_was_revoked_before_the_start_is_known(etcd, follow):
    RevokedTokens(Registry(etcd.url)).revoke("a", in_an_hour())
    assert "a" in follow(Registry(etcd.url))


def test_the_registry_forgets_a_token_that_would_have_expired(etcd, follow):
    registry = Registry(etcd.url)
    revoked = follow(registry)
    revoked.revoke("a", int(time.time()))
    assert registry.get("/revoked-tokens/a") is not None
    wait_for(lambda: registry.get("/revoked-tokens/a") is None)
    wait_for(lambda: "a" not in revoked)


def test_the_last_list_holds_while_the_registry_is_away(etcd, follow, caplog):
    revoked = follow(Registry(etcd.url))
    revoked.revoke("a", in_an_hour())
    revoked.check()
    etcd.stop()
    wait_for(lambda: "holds" in caplog.text)
    with pytest.raises(RegistryError):
        revoked.check()
    assert "a" in revoked
    assert "b" not in revoked
    with pytest.raises(RegistryError):
        revoked.revoke("b", in_an_hour())
    assert "b" not in revoked
    etcd.start()
    RevokedTokens(Registry(etcd.url)).revoke("c", in_an_hour())
    wait_for(lambda: "c" in revoked)
    revoked.check()


def test_a_registry_that_came_back_without_its_data_is_followed(
    etcd, follow, tmp_path, monkeypatch
):
    monkeypatch.setattr(revocation, "WATCH_SECONDS", 0.2)
    registry = Registry(etcd.url)
    for _ in range(20):
        registry.put("/noise", "x")
    revoked = follow(registry)
    assert "a" not in revoked
    etcd.stop()
    (tmp_path / "etcd").rename(tmp_path / "lost")
    etcd.start()
    RevokedTokens(Registry(etcd.url)).revoke("a", in_an_hour())
    wait_for(lambda: "a" in revoked)


def test_a_list_that_was_removed_as_a_whole_is_empty(etcd, follow):
    registry = Registry(etcd.url)
    revoked = follow(registry)
    revoked.revoke("a", in_an_hour())
    registry.delete("/revoked-tokens", recursive=True)
    wait_for(lambda: "a" not in revoked)
    RevokedTokens(Registry(etcd.url)).revoke("b", in_an_hour())
    wait_for(lambda: "b" in revoked)


def test_too_many_changes_to_follow_lead_to_a_new_list(etcd, follow):
    registry = Registry(etcd.url)
    revoked = follow(registry)
    assert "a" not in revoked
    for number in range(1100):
        registry.put("/noise", str(number))
    RevokedTokens(Registry(etcd.url)).revoke("a", in_an_hour())
    wait_for(lambda: "a" in revoked)


def test_callbacks_hear_of_each_token_once(etcd, follow):
    heard = []
    revoked = RevokedTokens(Registry(etcd.url))
    revoked.on_revoked(heard.append)
    revoked.start()
    revoked.revoke("a", in_an_hour())
    RevokedTokens(Registry(etcd.url)).revoke("b", in_an_hour())
    wait_for(lambda: len(heard) == 2)
    assert heard == ["a", "b"]


def test_without_any_list_nobody_is_let_in(follow, monkeypatch):
    monkeypatch.setattr(revocation, "FIRST_LIST_SECONDS", 0.1)
    registry = FakeRegistry()
    registry.away = True
    revoked = follow(registry)
    with pytest.raises(ServiceUnavailable):
        assert "a" not in revoked
    with pytest.raises(RegistryError):
        revoked.check()
    registry.away = False
    wait_for(revoked._listed.is_set)
    assert "a" not in revoked


def test_a_service_that_runs_alone_knows_its_own_revocations(app):
    revoked = revocation.init_app(app)
    revoked.check()
    revoked.revoke("a", in_an_hour())
    assert "a" in revoked
    assert "b" not in revoked


def test_readyz_tells_that_the_list_may_be_old(registry):
    app = Flask("small")
    revoked = revocation.init_app(app, registry)
    health.init_app(app, {"registry": revoked.check})
    client = app.test_client()
    assert client.get("/readyz").status_code == 200
    registry.away = True
    wait_for(lambda: client.get("/readyz").status_code == 503)
    assert "registry" in client.get("/readyz").json["error"]


@pytest.mark.parametrize("token_id", ["", ".", "..", "a/b", "a b", "ä", "x" * 129])
def test_a_token_whose_id_cannot_be_a_key_is_refused(app, client, token_id):
    claims = {"user_id": 1, "iat": 1, "exp": in_an_hour(), "jti": token_id}
    token = jwt.encode(claims, app.config["JWT_SECRET_KEY"], "HS256")
    assert client.get("/closed", headers=bearer(token)).status_code == 401
