"""Tokens that were revoked."""

import time

import jwt


def wait_for(condition, timeout=5):
    """Wait until ``condition`` is true."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, condition
        time.sleep(0.01)


def revoke(registry, headers):
    """Revoke a token as the tokens service does."""
    token = headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, options={"verify_signature": False})
    registry.put(f"/revoked-tokens/{claims['jti']}", str(claims["exp"]))


def test_a_revoked_token_is_refused(client, registry, post, ada):
    message = post("before", ada)
    revoke(registry, ada)
    wait_for(lambda: client.get("/api/messages", headers=ada).status_code == 401)
    text = {"source": "after"}
    assert client.post("/api/messages", json=text, headers=ada).status_code == 401
    url = message["_links"]["self"]
    assert client.put(url, json=text, headers=ada).status_code == 401
    assert client.get(url).json["source"] == "before"


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
