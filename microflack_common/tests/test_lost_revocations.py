"""An instance that starts after the registry has lost its data: a real etcd."""

import pytest
from apiflask import APIFlask
from flask import Flask, jsonify
from waiting import wait_for

from microflack_common import auth, errors, revocation
from microflack_common.registry import Registry
from microflack_common.testing import SECRET, free_port, running, token_for
from microflack_common.tokens import read_token
from microflack_common.tokens_release import DOCUMENT, SESSIONS


@pytest.fixture
def tokens():
    """Return what a tokens service says of itself, by path, and where it does."""
    said = {}
    app = Flask("tokens")

    @app.get("/<path:path>")
    def answer(path):
        document = said.get(f"/{path}")
        return jsonify(document or {"error": "nothing"}), 200 if document else 404

    with running(app) as url:
        yield said, url


@pytest.fixture
def newer(tokens):
    """Have a release serve that keeps sessions."""
    tokens[0][DOCUMENT] = {"paths": {"/api/tokens": {}, SESSIONS: {}}}


@pytest.fixture
def older(tokens):
    """Have a release serve that keeps none."""
    tokens[0][DOCUMENT] = {"paths": {"/api/tokens": {}}}


@pytest.fixture
def start(etcd, tokens):
    """Return a function that starts an instance which knows nothing yet."""

    def start(load_balancer=tokens[1]):
        app = APIFlask("microflack_small", docs_path=None)
        app.config |= {"JWT_SECRET_KEY": SECRET, "ETCD": etcd.url, "LB": load_balancer}
        errors.init_app(app)
        revocation.init_app(app)

        @app.get("/closed")
        @app.auth_required(auth.token_auth)
        def closed():
            return {"id": auth.current_claims().token_id}

        return app

    return start


def status(app, headers):
    return app.test_client().get("/closed", headers=headers).status_code


def revoke(etcd, app, headers):
    """Write what a tokens service writes that knows the token as revoked."""
    with app.app_context():
        token_id = read_token(headers["Authorization"].split()[1]).token_id
    Registry(etcd.url).put(f"/revoked-tokens/{token_id}", "1")


def test_a_revoked_token_is_not_good_before_all_are_there(etcd, start, newer):
    app = start()
    good, revoked = token_for(app, 1), token_for(app, 1)
    assert [status(app, good), status(app, revoked)] == [503, 503]
    # The tokens service fills the registry, and says so at the end.
    revoke(etcd, app, revoked)
    assert status(app, good) == 503
    Registry(etcd.url).put("/revocations/complete", "1")
    wait_for(lambda: status(app, good) == 200)
    assert status(app, revoked) == 401


def test_beside_a_release_that_writes_no_key_all_is_as_before(etcd, start, older):
    app = start()
    good, revoked = token_for(app, 1), token_for(app, 1)
    revoke(etcd, app, revoked)
    assert status(app, good) == 200
    wait_for(lambda: status(app, revoked) == 401)


def test_who_has_seen_the_key_asks_nobody(etcd, start, older):
    Registry(etcd.url).put("/revocations/complete", "1")
    app = start()
    good = token_for(app, 1)
    assert status(app, good) == 200
    Registry(etcd.url).delete("/revocations/complete")
    wait_for(lambda: status(app, good) == 503)


# Nothing, somebody else, and something that makes no sense.
@pytest.mark.parametrize("document", [None, {"paths": None}, {"info": {}}, [1]])
def test_as_long_as_nobody_says_which_release_serves_no_token_is_good(
    start, tokens, document
):
    said, _ = tokens
    said[DOCUMENT] = document
    app = start()
    assert status(app, token_for(app, 1)) == 503


def test_a_load_balancer_that_is_away_says_nothing(start):
    app = start(f"http://127.0.0.1:{free_port()}")
    assert [status(app, token_for(app, 1)) for _ in range(5)] == [503] * 5


def test_who_was_not_told_asks_again(start, tokens):
    app = start()
    good = token_for(app, 1)
    assert status(app, good) == 503
    tokens[0][DOCUMENT] = {"paths": {"/api/tokens": {}}}
    wait_for(lambda: status(app, good) == 200)
