"""Tokens: whom they let in and whom not."""

import time

import jwt
import pytest

from microflack_common import auth, revocation
from microflack_common.testing import SECRET, basic, bearer, token_for
from microflack_common.tokens import read_token

GOOD = {"user_id": 1, "iat": 1, "exp": 4102444800, "jti": "x"}


@pytest.fixture
def client(app):
    """Return a client of a service with an open and a closed door."""

    @app.get("/closed")
    @app.auth_required(auth.token_auth)
    def closed():
        return {"user": auth.current_user_id(), "id": auth.current_claims().token_id}

    @app.get("/open")
    @app.auth_required(auth.token_optional_auth)
    def open_to_all():
        return {"user": auth.current_user_id()}

    return app.test_client()


def forged(algorithm="HS256", secret=SECRET, **changes):
    claims = {k: v for k, v in (GOOD | changes).items() if v is not None}
    return bearer(jwt.encode(claims, secret, algorithm))


BAD = [
    forged(secret="another secret of a good length!"),
    forged(exp=int(time.time()) - 1),
    forged(algorithm="none", secret=""),
    forged(algorithm="HS512", secret=SECRET * 2),
    forged(user_id=None),
    forged(user_id="1"),
    forged(user_id=True),
    forged(user_id=0),
    forged(exp=None),
    forged(jti=None),
    forged(iat=None),
    bearer("garbage"),
    bearer("a.b.c"),
    bearer(""),
    basic("ada", "x"),
    {"Authorization": "Bearer"},
    {"Authorization": "nonsense"},
]


def test_a_token_names_its_user(app, client):
    answer = client.get("/closed", headers=token_for(app, 7))
    assert answer.json["user"] == 7
    assert len(answer.json["id"]) == 32


def test_without_a_token_the_open_door_lets_nobody_in_by_name(client):
    assert client.get("/open").json == {"user": None}


def test_a_token_opens_the_open_door_by_name(app, client):
    assert client.get("/open", headers=token_for(app, 7)).json == {"user": 7}


@pytest.mark.parametrize("path", ["/closed", "/open"])
@pytest.mark.parametrize("headers", BAD)
def test_a_bad_token_is_refused_without_a_login_box(client, path, headers):
    answer = client.get(path, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == auth.CHALLENGE
    assert answer.json["error"]


def test_an_expired_token_says_so(app, client):
    answer = client.get("/closed", headers=token_for(app, 7, lifetime=-1))
    assert "expired" in answer.json["error"]


def test_a_token_that_was_good_before_expires_as_well(app, client, monkeypatch):
    headers = token_for(app, 7, lifetime=60)
    assert client.get("/closed", headers=headers).status_code == 200
    later = time.time() + 60
    monkeypatch.setattr(time, "time", lambda: later)
    answer = client.get("/closed", headers=headers)
    assert answer.status_code == 401
    assert "expired" in answer.json["error"]


def test_a_clock_that_is_ahead_does_not_lock_anybody_out(client):
    headers = forged(iat=int(time.time()) + 30)
    assert client.get("/closed", headers=headers).status_code == 200


def test_a_token_that_is_read_tells_its_times(app):
    with app.app_context():
        claims = auth.decode_token(auth.issue_token(7, lifetime=60))
    assert claims.user_id == 7
    assert claims.expires_at - claims.issued_at == 60


def test_what_a_revoked_token_says_can_be_read(app):
    revocations = revocation.init_app(app)
    with app.app_context():
        token = auth.issue_token(7)
        claims = auth.decode_token(token)
        revocations.revoke_token(claims.token_id, claims.expires_at)
        with pytest.raises(auth.InvalidToken, match="revoked"):
            auth.decode_token(token)
        assert read_token(token) == claims
        with pytest.raises(auth.InvalidToken, match="expired"):
            read_token(auth.issue_token(7, lifetime=-1))
