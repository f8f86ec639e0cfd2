"""Seeing and ending sessions."""

import logging
import time

import jwt
import pytest
from conftest import SERVICE_KEY
from waiting import wait_until

from microflack_common import signing
from microflack_common.testing import SECRET, basic, bearer, token_for


def works(client, pair):
    """Say whether both tokens of a pair are good; uses the refresh token up."""
    token = client.get("/api/tokens", headers=bearer(pair["token"])).status_code
    renewed = client.post(
        "/api/tokens", json={"refresh_token": pair["refresh_token"]}
    ).status_code
    assert token == renewed
    return token == 200


def session_of(pair):
    return jwt.decode(pair["token"], SECRET, algorithms=["HS256"])["sid"]


@pytest.fixture
def admin(registry, sign_in):
    """Return the headers of an administrator."""
    registry.put("/rights/users/8", '{"admin": true}')
    yield bearer(sign_in("bob", "builder")["token"])
    registry.delete("/rights/users/8")


@pytest.fixture
def service():
    """Return the headers of a service."""
    claims = {"iss": "users", "aud": "microflack-service", "exp": time.time() + 60}
    return bearer(signing.sign(claims, SERVICE_KEY))


def listed(client, pair):
    answer = client.get("/api/tokens/sessions", headers=bearer(pair["token"]))
    assert answer.status_code == 200
    return answer.json["sessions"]


def test_people_see_their_own_sessions(client, sign_in):
    before = int(time.time())
    pair = sign_in(**{"User-Agent": "one", "X-Forwarded-For": "203.0.113.7"})
    sign_in(**{"User-Agent": "x" * 300})
    sign_in("bob", "builder")
    sessions = {one["current"]: one for one in listed(client, pair)}
    assert len(listed(client, pair)) == 2
    mine, other = sessions[True], sessions[False]
    assert mine["id"] == session_of(pair)
    assert (mine["agent"], mine["address"]) == ("one", "203.0.113.7")
    assert before <= mine["created_at"] <= mine["last_used_at"] <= time.time()
    assert other["agent"] == "x" * 200
    assert set(mine) == {
        "id", "created_at", "last_used_at", "agent", "address", "current",
    }  # fmt: skip


def test_one_of_them_can_be_ended(client, sign_in):
    pair, other = sign_in(), sign_in()
    path = f"/api/tokens/sessions/{session_of(other)}"
    for _ in range(2):
        answer = client.delete(path, headers=bearer(pair["token"]))
        assert answer.status_code == 204
    assert [one["id"] for one in listed(client, pair)] == [session_of(pair)]
    assert not works(client, other)
    assert works(client, pair)


def test_anothers_session_is_not_there(client, sign_in):
    pair, anothers = sign_in(), sign_in("bob", "builder")
    for name in (session_of(anothers), "unknown", "x" * 300, "ä"):
        path = f"/api/tokens/sessions/{name}"
        answer = client.delete(path, headers=bearer(pair["token"]))
        assert answer.status_code == 404
    assert works(client, anothers)


def test_signing_out_ends_the_session(client, sign_in):
    pair, other = sign_in(), sign_in()
    answer = client.delete("/api/tokens", headers=bearer(pair["token"]))
    assert answer.status_code == 204
    assert not works(client, pair)
    assert works(client, other)


def test_signing_out_ends_all_tokens_of_the_session(client, sign_in):
    pair = sign_in()
    body = {"refresh_token": pair["refresh_token"]}
    newer = client.post("/api/tokens", json=body).json
    client.delete("/api/tokens", headers=bearer(pair["token"]))
    assert not works(client, newer)


def test_a_token_of_an_older_release_has_no_session_and_goes_on(app, client, sign_in):
    pair, headers = sign_in(), token_for(app, 7)
    answer = client.get("/api/tokens", headers=headers)
    assert (answer.status_code, answer.json["sid"]) == (200, None)
    [session] = client.get("/api/tokens/sessions", headers=headers).json["sessions"]
    assert not session["current"]
    assert client.delete("/api/tokens", headers=headers).status_code == 204
    assert client.get("/api/tokens", headers=headers).status_code == 401
    assert works(client, pair)


def test_people_can_end_all_their_own(app, client, sign_in):
    pairs, anothers = [sign_in(), sign_in()], sign_in("bob", "builder")
    without = token_for(app, 7)
    answer = client.delete("/api/tokens/users/7", headers=bearer(pairs[0]["token"]))
    assert answer.status_code == 204
    assert not any(works(client, pair) for pair in pairs)
    assert client.get("/api/tokens", headers=without).status_code == 401
    assert works(client, anothers)
    # Even in the same second.
    assert works(client, sign_in())


@pytest.mark.parametrize("way", ["admin", "service"])
def test_administrators_and_services_can_end_anybodys(request, client, sign_in, way):
    headers = request.getfixturevalue(way)
    pair, bystander = sign_in(), sign_in("bob", "builder")
    answer = client.delete("/api/tokens/users/7", headers=headers)
    assert answer.status_code == 204
    assert not works(client, pair)
    assert works(client, bystander)


def test_one_session_can_be_spared(client, sign_in, service):
    pairs = [sign_in(), sign_in()]
    spared = session_of(pairs[0])
    path = f"/api/tokens/users/7?except={spared}"
    assert client.delete(path, headers=service).status_code == 204
    assert [one["id"] for one in listed(client, pairs[0])] == [spared]
    assert works(client, pairs[0])
    assert not works(client, pairs[1])


def test_what_was_ended_is_not_spared(client, sign_in, service):
    pair = sign_in()
    client.delete("/api/tokens/users/7", headers=service)
    path = f"/api/tokens/users/7?except={session_of(pair)}"
    assert client.delete(path, headers=service).status_code == 204
    assert not works(client, pair)


@pytest.mark.parametrize("spared", ["a/b", "a b", "%00", "x" * 129])
def test_what_is_spared_must_be_an_id(client, service, spared):
    path = f"/api/tokens/users/7?except={spared}"
    answer = client.delete(path, headers=service)
    assert answer.status_code == 400
    assert "except" in answer.json["error"]


@pytest.mark.parametrize("user_id", [2**31, 2**63, 10**40])
def test_an_id_that_nobody_can_have_is_not_found(client, admin, user_id):
    answer = client.delete(f"/api/tokens/users/{user_id}", headers=admin)
    assert answer.status_code == 404
    assert answer.json["error"] == "There is no such user."


def test_others_cannot_end_somebodys(app, client, sign_in):
    pair = sign_in()
    headers = bearer(sign_in("bob", "builder")["token"])
    assert client.delete("/api/tokens/users/7", headers=headers).status_code == 403
    assert client.delete("/api/tokens/users/7").status_code == 401
    assert works(client, pair)


def test_administrators_can_end_everybodys(client, sign_in, admin):
    pairs = [sign_in(), sign_in("bob", "builder")]
    assert client.delete("/api/tokens/everybody", headers=admin).status_code == 204
    assert not any(works(client, pair) for pair in pairs)
    assert client.get("/api/tokens", headers=admin).status_code == 401
    assert works(client, sign_in())


@pytest.mark.parametrize("way", ["sign_in", "service"])
def test_nobody_else_can(request, client, sign_in, way):
    pair = sign_in()
    headers = bearer(pair["token"])
    if way == "service":
        headers = request.getfixturevalue("service")
    answer = client.delete("/api/tokens/everybody", headers=headers)
    assert answer.status_code == (401 if way == "service" else 403)
    assert works(client, pair)


def test_a_sign_in_that_a_password_change_overtakes_opens_nothing(
    client, users, service
):
    """The old password was right when it was checked, and is not any more."""

    def change_password():
        users.meanwhile = lambda: None
        client.delete("/api/tokens/users/7", headers=service)

    users.meanwhile = change_password
    pair = client.post("/api/tokens", headers=basic("ada", "lovelace")).json
    assert not works(client, pair)


def test_what_is_away_is_said_and_nothing_comes_back(
    client, registry, sign_in, service
):
    pair = sign_in()
    registry.away = True
    answer = client.delete("/api/tokens/users/7", headers=service)
    assert answer.status_code == 503
    registry.away = False
    token = bearer(pair["token"])
    wait_until(lambda: client.get("/api/tokens", headers=token).status_code == 401)
    assert not works(client, pair)


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", "sessions"), ("delete", "sessions/x"), ("delete", "users/7"),
     ("delete", "everybody")],
)  # fmt: skip
def test_a_token_is_needed(client, method, path):
    for headers in ({}, bearer("x.y.z"), basic("ada", "lovelace")):
        answer = getattr(client, method)(f"/api/tokens/{path}", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_who_did_what_is_logged(client, sign_in, admin, caplog):
    caplog.set_level(logging.INFO)
    where = {"X-Forwarded-For": "203.0.113.7"}
    client.post("/api/tokens", headers=basic("ada", "wrong") | where)
    pair = sign_in(**where)
    headers = bearer(pair["token"]) | where
    client.delete("/api/tokens", headers=headers)
    client.delete("/api/tokens/users/7", headers=admin | where)
    client.delete("/api/tokens/everybody", headers=admin | where)
    lines = [one for one in caplog.records if one.name == "microflack.audit"]
    assert [(one.event, one.outcome, one.user) for one in lines] == [
        ("sign_in", "refused", None),
        ("sign_in", "ok", 7),
        ("sign_out", "ok", 7),
        ("all_sessions_ended", "ok", 7),
        ("everybody_signed_out", "ok", 8),
    ]
    assert {one.address for one in lines} == {"203.0.113.7"}
    assert [one.nickname for one in lines[:2]] == ["ada", "ada"]
    assert lines[3].by == 8
    assert pair["refresh_token"] not in caplog.text
    assert "lovelace" not in caplog.text
