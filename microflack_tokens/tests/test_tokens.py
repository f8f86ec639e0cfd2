"""Signing in."""

import time

import jwt
import pytest

from microflack_common.auth import decode_token
from microflack_common.testing import SECRET, basic, bearer
from microflack_tokens.app import create_app
from microflack_tokens.config import Config

BEARER = 'Bearer realm="Authentication Required"'


def test_the_right_password_is_answered_with_a_token(app, client):
    answer = client.post("/api/tokens", headers=basic("ada", "lovelace"))
    assert answer.status_code == 200
    with app.app_context():
        assert decode_token(answer.json["token"]).user_id == 7


def test_a_token_is_hs256_and_lives_one_hour(client):
    token = client.post("/api/tokens", headers=basic("ada", "lovelace")).json["token"]
    assert jwt.get_unverified_header(token)["alg"] == "HS256"
    claims = jwt.decode(token, SECRET, algorithms=["HS256"])
    assert set(claims) == {"user_id", "iat", "exp", "jti", "sid", "gen", "auth_time"}
    assert claims["exp"] - claims["iat"] == 3600
    assert abs(claims["iat"] - time.time()) < 60


def test_two_tokens_of_a_user_are_told_apart(client):
    ids = set()
    for _ in range(2):
        answer = client.post("/api/tokens", headers=basic("ada", "lovelace"))
        claims = jwt.decode(answer.json["token"], SECRET, algorithms=["HS256"])
        ids.add(claims["jti"])
    assert len(ids) == 2


def test_a_name_and_password_may_hold_any_characters(users, client):
    users.known[("Åse 🦊", "pässwörd: 1")] = 8
    answer = client.post("/api/tokens", headers=basic("Åse 🦊", "pässwörd: 1"))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{}, basic("ada", "wrong"), basic("nobody", "x"), basic("", ""), basic("ada", ""),
     {"Authorization": "Basic !!!"}, {"Authorization": "Basic"}, bearer("x.y.z"),
     {"Authorization": "Digest x"}],
)  # fmt: skip
def test_wrong_credentials_never_open_a_login_box(client, headers):
    answer = client.post("/api/tokens", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == BEARER
    assert answer.json["error"]


def test_a_users_service_that_is_slow_is_asked_once(users, client):
    users.seconds = 6.0
    answer = client.post("/api/tokens", headers=basic("ada", "lovelace"))
    assert answer.status_code == 200
    assert len(users.request_ids) == 1


def test_a_users_service_that_fails_for_a_moment_is_asked_again(users, client):
    users.failure, users.failures = ("restarting", 503), 2
    answer = client.post("/api/tokens", headers=basic("ada", "lovelace"))
    assert answer.status_code == 200


@pytest.mark.parametrize("status", [500, 503, 404])
def test_a_users_service_that_keeps_failing_is_no_wrong_password(users, client, status):
    users.failure, users.failures = ("broken", status), 100
    answer = client.post("/api/tokens", headers=basic("ada", "lovelace"))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_without_a_load_balancer_the_service_says_so(app, settings):
    nowhere = Config(settings | {"LB": "http://127.0.0.1:1"})
    client = create_app(nowhere).test_client()
    answer = client.post("/api/tokens", headers=basic("ada", "lovelace"))
    assert answer.status_code == 503
    assert answer.json["error"]


def test_the_requests_id_is_passed_on(users, client):
    headers = basic("ada", "lovelace") | {"X-Request-ID": "request-0001"}
    answer = client.post("/api/tokens", headers=headers)
    assert users.request_ids == ["request-0001"]
    assert answer.headers["X-Request-ID"] == "request-0001"


def test_a_body_is_not_needed_and_another_type_is_refused(client):
    answer = client.post(
        "/api/tokens", data="x=1", headers=basic("ada", "lovelace"),
        content_type="application/x-www-form-urlencoded",
    )  # fmt: skip
    assert answer.status_code == 415


def test_a_body_of_a_mebibyte_is_refused(client):
    answer = client.post("/api/tokens", json={"x": "y" * 2**20})
    assert answer.status_code == 413


def test_the_reason_of_a_refusal_is_passed_on(users, client):
    users.failure = {"error": "This account has been deactivated."}, 401
    users.failures = 1
    answer = client.post("/api/tokens", headers=basic("ada", "lovelace"))
    assert answer.status_code == 401
    assert answer.json["error"] == "This account has been deactivated."


def test_too_many_tries_are_passed_on(users, client):
    users.failure = {"error": "Too many tries."}, 429, {"Retry-After": "41"}
    users.failures = 1
    answer = client.post("/api/tokens", headers=basic("ada", "lovelace"))
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "41"


@pytest.mark.parametrize("path", ["/api/tokens/7", "/api/tokensx", "/api/tokens/../x"])
def test_what_is_not_there_is_not_found_in_json(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json["error"]
