"""Tokens that were revoked."""

import jwt
from conftest import wait_for

from microflack_common.testing import token_for


def revoke(registry, headers):
    """Revoke a token as the tokens service does."""
    token = headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, options={"verify_signature": False})
    registry.put(f"/revoked-tokens/{claims['jti']}", str(claims["exp"]))


def test_a_revoked_token_is_refused(client, registry, register):
    headers = token_for(client.application, register()["id"])
    assert client.put("/api/users/me", headers=headers).status_code == 204
    revoke(registry, headers)
    wait_for(lambda: client.get("/api/users", headers=headers).status_code == 401)
    assert client.put("/api/users/me", headers=headers).status_code == 401


def test_a_revoked_token_is_no_sign_of_life(client, registry, register):
    user = register()
    headers = token_for(client.application, user["id"])
    revoke(registry, headers)
    wait_for(lambda: client.put("/api/users/me", headers=headers).status_code == 401)
    client.delete("/api/users/me", headers=token_for(client.application, user["id"]))
    assert client.get("/api/users", headers=headers).status_code == 401
    assert not client.get(user["_links"]["self"]).json["online"]


def test_readyz_tells_that_the_registry_is_away(client, registry):
    assert client.get("/readyz").status_code == 200
    registry.away = True
    try:
        wait_for(lambda: client.get("/readyz").status_code == 503)
        assert "registry" in client.get("/readyz").json["error"]
        assert client.get("/healthz").status_code == 200
    finally:
        registry.away = False
    wait_for(lambda: client.get("/readyz").status_code == 200)
