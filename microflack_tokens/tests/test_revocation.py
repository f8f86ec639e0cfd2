"""Signing out."""

import time

import pytest
from waiting import wait_until

from microflack_common.testing import basic, bearer, token_for


@pytest.fixture
def token(client):
    """Return the headers of somebody who has signed in."""
    answer = client.post("/api/tokens", headers=basic("ada", "lovelace"))
    return bearer(answer.json["token"])


def test_a_good_token_is_told_what_it_says(client, token):
    answer = client.get("/api/tokens", headers=token)
    assert answer.status_code == 200
    assert answer.json["user_id"] == 7
    assert answer.json["exp"] - answer.json["iat"] == 3600
    assert answer.json["jti"]


def test_a_revoked_token_is_refused(client, token):
    assert client.delete("/api/tokens", headers=token).status_code == 204
    for method in (client.get, client.delete):
        answer = method("/api/tokens", headers=token)
        assert answer.status_code == 401
        assert "revoked" in answer.json["error"]


def test_only_this_token_is_revoked(client, token):
    other = client.post("/api/tokens", headers=basic("ada", "lovelace")).json["token"]
    client.delete("/api/tokens", headers=token)
    assert client.get("/api/tokens", headers=bearer(other)).status_code == 200


def test_the_registry_keeps_its_id_until_it_would_have_expired(client, registry, token):
    claims = client.get("/api/tokens", headers=token).json
    client.delete("/api/tokens", headers=token)
    key = f"/revoked-tokens/{claims['jti']}"
    assert registry.values[key] == str(claims["exp"])
    assert abs(time.time() + registry.ttls[key] - claims["exp"]) < 5


def test_without_the_registry_the_answer_says_so_and_it_is_told_later(
    client, registry, token
):
    assert client.get("/api/tokens", headers=token).status_code == 200
    registry.away = True
    answer = client.delete("/api/tokens", headers=token)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "as soon as" in answer.json["error"]
    registry.away = False
    wait_until(lambda: client.get("/api/tokens", headers=token).status_code == 401)


@pytest.mark.parametrize("method", ["get", "delete"])
def test_a_bad_token_is_refused(app, client, method):
    for headers in ({}, bearer("x.y.z"), token_for(app, 7, lifetime=-1)):
        answer = getattr(client, method)("/api/tokens", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
