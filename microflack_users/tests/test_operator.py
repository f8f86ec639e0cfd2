"""The operator, who has the key of services, does what administrators do."""

import time

import jwt
import pytest

from microflack_common.testing import bearer

KEY = "the key of services, for tests only!"


@pytest.fixture(scope="module")
def settings(settings):
    """Return settings with the key, for members only."""
    return settings | {"SERVICE_KEY": KEY, "ACCESS": "members"}


def token(key=KEY, **changes):
    """Return the headers of somebody who says to be the operator."""
    claims = {"iss": "operator", "aud": "microflack-service", "exp": time.time() + 60}
    return bearer(jwt.encode(claims | changes, key, "HS256"))


def test_the_operator_invites_the_first_administrator(client):
    path = "/api/users/invitations"
    answer = client.post(path, json={"admin": True}, headers=token())
    assert answer.status_code == 201
    body = {"nickname": "ada", "password": "a secret: 1"}
    body["invitation"] = answer.json["code"]
    assert client.post("/api/users", json=body).json["admin"] is True
    assert client.get("/api/users", headers=token()).status_code == 200
    answer = client.put("/api/users/1", json={"nickname": "eve"}, headers=token())
    assert answer.status_code == 403
    change = {"deactivated": True}
    assert client.put("/api/users/1", json=change, headers=token()).status_code == 400
    assert client.post("/api/users/1/reset", headers=token()).status_code == 201
    assert client.delete("/api/users/1/sessions", headers=token()).status_code == 204


@pytest.mark.parametrize(
    "headers",
    [token(key="another key of a good length, really"), token(aud="somebody"),
     token(exp=1), token(iss="messages"), {}, bearer("x")],
)  # fmt: skip
def test_nobody_else_is_the_operator(client, headers):
    path = "/api/users/invitations"
    assert client.get(path, headers=headers).status_code == 401
    assert client.get("/api/users", headers=headers).status_code == 401


def test_the_operator_has_no_account(client):
    for method, path in (("put", "/me"), ("delete", "/me"), ("get", "/me/export")):
        answer = getattr(client, method)(f"/api/users{path}", headers=token())
        assert answer.status_code == 401
