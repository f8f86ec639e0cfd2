"""What a hostile or careless client may send."""

import time

import jwt
import pytest
from conftest import PASSWORD

from microflack_common.testing import SECRET, basic, bearer

CLAIMS = {"user_id": 1, "iat": 1, "exp": 4102444800, "jti": "x"}
BEARER = 'Bearer realm="Authentication Required"'


def forged(algorithm="HS256", secret=SECRET, **changes):
    claims = {k: v for k, v in (CLAIMS | changes).items() if v is not None}
    return jwt.encode(claims, secret, algorithm)


@pytest.mark.parametrize(
    "body",
    [{"nickname": 7, "password": PASSWORD}, {"nickname": ["a"], "password": PASSWORD},
     {"nickname": None, "password": PASSWORD}, {"nickname": {}, "password": PASSWORD},
     {"nickname": True, "password": PASSWORD}, {"password": PASSWORD}],
)  # fmt: skip
def test_a_wrong_or_missing_nickname_is_named(client, body):
    answer = client.post("/api/users", json=body)
    assert answer.status_code == 400
    assert "nickname" in answer.json["error"]


@pytest.mark.parametrize("password", [None, 7, "", "x" * 129, [], False])
def test_a_wrong_password_field_is_named(client, password):
    answer = client.post("/api/users", json={"nickname": "a", "password": password})
    assert answer.status_code == 400
    assert "password" in answer.json["error"]


@pytest.mark.parametrize(
    "body", ["{", "", "nickname", "{'a': 1}", "\xff", "[]", '"a"', "1", "[" * 9999]
)
def test_a_body_that_is_no_json_object_is_refused(client, body):
    answer = client.post(
        "/api/users", data=body.encode("latin-1"), content_type="application/json"
    )
    assert answer.status_code == 400
    assert answer.json["error"]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "text/html", ""]
)
def test_another_content_type_is_refused(client, kind):
    answer = client.post("/api/users", data=b"nickname=a&password=b", content_type=kind)
    assert answer.status_code == 415
    assert "JSON" in answer.json["error"]


def test_a_body_of_a_mebibyte_is_refused_with_the_limit(client):
    body = {"nickname": "a", "password": PASSWORD * 2**20}
    answer = client.post("/api/users", json=body)
    assert answer.status_code == 413
    assert "262144" in answer.json["error"]


@pytest.mark.parametrize("user_id", ["x", "9" * 30, "-1", "1.5", "0", "%00", "²"])
def test_an_id_that_is_none_is_not_found(client, user_id):
    answer = client.get(f"/api/users/{user_id}")
    assert answer.status_code == 404
    assert answer.json["error"]


def test_a_method_that_is_not_offered_is_refused_in_json(client):
    answer = client.delete("/api/users")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.json["error"]


@pytest.mark.parametrize(
    "token",
    [
        forged(secret="another secret of a good length!"),
        forged(exp=int(time.time()) - 1),
        forged(algorithm="none", secret=""),
        forged(algorithm="HS512", secret=SECRET * 2),
        forged(user_id=None),
        forged(user_id="1"),
        forged(user_id=True),
        forged(exp=None),
        forged(jti=None),
        forged(iat=None),
        "garbage",
        "a.b.c",
        "",
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("put", "/api/users/1"), ("put", "/api/users/me"), ("delete", "/api/users/me")],
)
def test_a_bad_token_is_refused(client, register, method, path, token):
    register()
    body = {"nickname": "eve"}
    answer = getattr(client, method)(path, json=body, headers=bearer(token))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == BEARER
    assert answer.json["error"]


def test_a_bad_token_is_refused_where_none_is_needed(client):
    answer = client.get("/api/users", headers=bearer("garbage"))
    assert answer.status_code == 401


def test_basic_where_bearer_belongs_is_refused(client, register):
    register("ada", PASSWORD)
    answer = client.put("/api/users/me", headers=basic("ada", PASSWORD))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == BEARER


@pytest.mark.parametrize(
    "headers",
    [{}, basic("ada", "wrong"), basic("nobody", "x"), basic("", ""),
     {"Authorization": "Basic !!!"}, {"Authorization": "Basic"}, bearer("x"),
     basic("ada\x00", "x"), basic("x" * 5000, "x")],
)  # fmt: skip
def test_wrong_credentials_never_open_a_login_box(client, register, headers):
    register("ada", PASSWORD)
    answer = client.get("/api/users/me", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == BEARER


def test_credentials_may_hold_any_characters(client, register):
    register("Åse 🦊", "pässwörd: 1")
    answer = client.get("/api/users/me", headers=basic("åse 🦊", "pässwörd: 1"))
    assert answer.status_code == 200
