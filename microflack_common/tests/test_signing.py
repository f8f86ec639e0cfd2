"""Tokens are verified with the key that they name, and keys can be changed."""

from itertools import pairwise, product

import jwt
import pytest

from microflack_common import auth, signing
from microflack_common.testing import SECRET, bearer, token_for

OTHER = "another secret of a good length!"
GOOD = {"user_id": 1, "iat": 1, "exp": 4102444800, "jti": "x"}


@pytest.fixture
def client(app):
    """Return a client of a service with a closed door."""

    @app.get("/closed")
    @app.auth_required(auth.token_auth)
    def closed():
        return {"user": auth.current_user_id()}

    return app.test_client()


def asked(client, token):
    return client.get("/closed", headers=bearer(token)).status_code


def test_a_key_is_changed_without_signing_anybody_out(app, client):
    """First it is accepted, then it signs, then the old one is taken away."""
    steps = [(SECRET, ""), (SECRET, OTHER), (OTHER, SECRET), (OTHER, "")]
    for old, new in pairwise(steps):
        # Instances of the step before run beside those of the next one.
        for issued_with, read_with in product((old, new), (old, new)):
            set_keys(app, issued_with)
            headers = token_for(app, 7)
            set_keys(app, read_with)
            assert client.get("/closed", headers=headers).status_code == 200
    assert asked(client, signing.sign(GOOD, SECRET)) == 401


def set_keys(app, keys):
    app.config["JWT_SECRET_KEY"], app.config["JWT_SECRET_KEY_BEFORE"] = keys


def test_a_token_of_an_older_release_names_no_key(app, client):
    app.config["JWT_SECRET_KEY_BEFORE"] = OTHER
    for key in (SECRET, OTHER):
        assert asked(client, jwt.encode(GOOD, key, "HS256")) == 200
    assert asked(client, jwt.encode(GOOD, "x" * 32, "HS256")) == 401


def test_a_token_is_verified_with_the_key_that_it_names_only(app, client):
    app.config["JWT_SECRET_KEY_BEFORE"] = OTHER
    wrong = {"kid": signing.key_id(OTHER)}
    assert asked(client, jwt.encode(GOOD, SECRET, "HS256", headers=wrong)) == 401
    unknown = {"kid": "unknown"}
    assert asked(client, jwt.encode(GOOD, SECRET, "HS256", headers=unknown)) == 401


@pytest.mark.parametrize(
    ("claims", "headers", "status"),
    [
        ({"aud": "microflack"}, {}, 200),
        ({"aud": "microflack-service"}, {}, 401),
        ({"aud": ["microflack"]}, {}, 401),
        ({}, {"typ": "JWT"}, 200),
        ({}, {"typ": "logout+jwt"}, 401),
        ({"sid": "s"}, {}, 401),
        ({"sid": "s", "gen": "0"}, {}, 401),
        ({"sid": 7, "gen": 0}, {}, 401),
        ({"sid": "s", "gen": 0, "auth_time": "x"}, {}, 401),
    ],
)
def test_type_and_audience_are_checked_where_there_is_one(
    client, claims, headers, status
):
    token = jwt.encode(GOOD | claims, SECRET, "HS256", headers=headers)
    assert asked(client, token) == status


def test_the_name_of_a_key_does_not_tell_it():
    assert SECRET[:4] not in signing.key_id(SECRET)
    assert signing.key_id(SECRET) != signing.key_id(OTHER)
