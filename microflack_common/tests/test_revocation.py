"""Revoked tokens are refused everywhere, soon, and without asking anybody."""

import time

import jwt
import pytest
from flask import Flask
from waiting import wait_for

from microflack_common import auth, health, revocation, watched_keys
from microflack_common.claims import Claims
from microflack_common.errors import ServiceUnavailable
from microflack_common.registry import Registry, RegistryError
from microflack_common.revocation import Cut, Revocations
from microflack_common.testing import FakeRegistry, bearer, token_for
from microflack_common.tokens import encode_claims


def in_an_hour():
    return int(time.time()) + 3600


def claims(user_id=1, token_id="a", session_id=None, generation=None, issued_at=1000):
    """Return what a token says that is good for long."""
    return Claims(
        user_id, issued_at, in_an_hour(), token_id, session_id, generation, issued_at
    )


@pytest.fixture
def registry():
    """Return a registry in memory."""
    return FakeRegistry()


@pytest.fixture
def client(app, registry):
    """Return a client of a service that refuses revoked tokens."""
    revocation.init_app(app, registry)

    @app.get("/closed")
    @app.auth_required(auth.token_auth)
    def closed():
        return {"id": auth.current_claims().token_id}

    return app.test_client()


@pytest.fixture
def follow():
    """Return a function that follows a registry."""

    def follow(registry):
        revocations = Revocations(registry, registry, registry)
        revocations.start()
        return revocations

    return follow


def test_a_revoked_token_is_refused_with_the_reason(app, client, registry):
    headers = token_for(app, 1)
    token_id = client.get("/closed", headers=headers).json["id"]
    registry.put(f"/revoked-tokens/{token_id}", "1")
    wait_for(lambda: client.get("/closed", headers=headers).status_code == 401)
    assert "revoked" in client.get("/closed", headers=headers).json["error"]
    assert client.get("/closed", headers=token_for(app, 1)).status_code == 200


WAYS = {
    "a token": (
        lambda one: one.revoke_token("a", in_an_hour()),
        claims(),
        claims(token_id="b"),
    ),
    "a session": (
        lambda one: one.end_session("s", in_an_hour()),
        claims(session_id="s", generation=0),
        claims(session_id="t", generation=0),
    ),
    "a user": (
        lambda one: one.end_all(Cut(3, 1000), 1, in_an_hour()),
        claims(session_id="s", generation=2),
        claims(user_id=2, session_id="s", generation=2),
    ),
    "everybody": (
        lambda one: one.end_all(Cut(3, 1000), None, in_an_hour()),
        claims(user_id=2, session_id="s", generation=2),
        claims(user_id=2, session_id="s", generation=3),
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_instance_knows_within_a_second(etcd, follow, way):
    revoke, bad, good = WAYS[way]
    one, other = follow(Registry(etcd.url)), follow(Registry(etcd.url))
    one.keys.put("complete", "1")
    wait_for(lambda: "complete" in other.keys.values)
    assert [one.reason(bad), other.reason(bad)] == [None, None]
    revoke(one)
    assert one.reason(bad)
    wait_for(lambda: other.reason(bad), timeout=1)
    assert [one.reason(good), other.reason(good)] == [None, None]


@pytest.mark.parametrize("way", WAYS)
def test_what_was_revoked_before_the_start_is_known(etcd, follow, way):
    revoke, bad, _good = WAYS[way]
    revoke(Revocations(*[Registry(etcd.url)] * 3))
    assert follow(Registry(etcd.url)).reason(bad)


def test_a_token_made_right_after_all_were_ended_is_good(follow, registry):
    revocations = follow(registry)
    revocations.keys.put("complete", "1")
    revocations.end_all(Cut(3, 1000), 1, in_an_hour())
    revocations.end_all(Cut(2, 900), 1, in_an_hour())
    assert revocations.reason(claims(session_id="s", generation=2))
    assert revocations.reason(claims(session_id="s", generation=3)) is None


def test_a_token_without_a_session_is_ended_by_its_time(follow, registry):
    revocations = follow(registry)
    revocations.end_all(Cut(3, 1000), 1, in_an_hour())
    assert revocations.reason(claims(issued_at=1000))
    assert revocations.reason(claims(issued_at=1001)) is None


def test_what_is_spared_is_not_ended(follow, registry):
    revocations = follow(registry)
    revocations.keys.put("complete", "1")
    revocations.end_all(Cut(3, 1000, "s"), 1, in_an_hour())
    assert revocations.reason(claims(session_id="s", generation=2)) is None
    assert revocations.reason(claims(session_id="t", generation=2))
    revocations.end_all(Cut(4, 1000, "t"), 1, in_an_hour())
    assert revocations.reason(claims(session_id="s", generation=2))
    # What was ended once does not come back.
    assert revocations.reason(claims(session_id="t", generation=2))


def test_a_cut_that_makes_no_sense_is_left_out(follow, registry, caplog):
    revocations = follow(registry)
    registry.put("/revocations/users/1/3", "[]")
    registry.put("/revocations/users/1/2", Cut(2, 1000).to_json())
    wait_for(lambda: revocations.reason(claims()))
    assert "users/1/3" in caplog.text


def test_a_registry_that_lost_its_data_leaves_no_token_good(follow, registry):
    revocations = follow(registry)
    revocations.keys.put("complete", "1")
    assert revocations.reason(claims()) is None
    registry.delete("/revocations/complete")
    wait_for(lambda: "complete" not in revocations.keys.values)
    for one in (claims(), claims(session_id="s", generation=0)):
        with pytest.raises(ServiceUnavailable):
            revocations.reason(one)
    registry.put("/revocations/complete", "1")
    wait_for(lambda: "complete" in revocations.keys.values)
    assert revocations.reason(claims()) is None


def test_a_session_needs_the_list_even_of_who_never_saw_one(follow, registry):
    revocations = follow(registry)
    with pytest.raises(ServiceUnavailable):
        revocations.reason(claims(session_id="s", generation=0))


def test_beside_releases_without_sessions_all_is_as_before(follow, registry):
    assert follow(registry).reason(claims()) is None


def test_the_answer_to_a_token_that_cannot_be_checked_is_503(app, client):
    token = encode_in(app, claims(session_id="s", generation=0))
    answer = client.get("/closed", headers=bearer(token))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def encode_in(app, what):
    with app.app_context():
        return encode_claims(what)


def test_deactivated_people_are_refused_with_the_reason(app, client, registry):
    headers = token_for(app, 1)
    assert client.get("/closed", headers=headers).status_code == 200
    registry.put("/rights/users/1", '{"deactivated": true}')
    wait_for(lambda: client.get("/closed", headers=headers).status_code == 401)
    assert "deactivated" in client.get("/closed", headers=headers).json["error"]
    assert client.get("/closed", headers=token_for(app, 2)).status_code == 200


def test_the_registry_forgets_a_token_that_would_have_expired(etcd, follow):
    registry = Registry(etcd.url)
    revocations = follow(registry)
    revocations.revoke_token("a", int(time.time()))
    assert registry.get("/revoked-tokens/a") is not None
    wait_for(lambda: registry.get("/revoked-tokens/a") is None)
    wait_for(lambda: revocations.reason(claims()) is None)


def test_callbacks_hear_of_each_change(follow, registry):
    heard = []
    revocations = follow(registry)
    wait_for(lambda: revocations.reason(claims(token_id="z")) is None)
    revocations.on_change(lambda: heard.append(revocations.reason(claims())))
    registry.put("/revoked-tokens/a", "1")
    wait_for(lambda: heard == [revocation.REVOKED])
    registry.put("/rights/users/1", '{"deactivated": true}')
    wait_for(lambda: len(heard) == 2)


def test_without_any_list_nobody_is_let_in(follow, monkeypatch):
    monkeypatch.setattr(watched_keys, "FIRST_LIST_SECONDS", 0.1)
    registry = FakeRegistry()
    registry.away = True
    revocations = follow(registry)
    with pytest.raises(ServiceUnavailable):
        revocations.reason(claims())
    with pytest.raises(RegistryError):
        revocations.check()
    with pytest.raises(RegistryError):
        revocations.revoke_token("a", in_an_hour())
    registry.away = False
    monkeypatch.setattr(watched_keys, "FIRST_LIST_SECONDS", 10)
    assert revocations.reason(claims()) is None


def test_a_service_that_runs_alone_knows_its_own_revocations(app):
    revocations = revocation.init_app(app)
    revocations.check()
    revocations.revoke_token("a", in_an_hour())
    assert revocations.reason(claims(token_id="a"))
    assert revocations.reason(claims(token_id="b")) is None
    assert (
        revocations.reason(claims(token_id="b", session_id="s", generation=0)) is None
    )


def test_readyz_tells_that_the_list_may_be_old(registry):
    app = Flask("small")
    revocations = revocation.init_app(app, registry)
    health.init_app(app, {"registry": revocations.check})
    client = app.test_client()
    assert client.get("/readyz").status_code == 200
    registry.away = True
    wait_for(lambda: client.get("/readyz").status_code == 503)
    assert "registry" in client.get("/readyz").json["error"]


@pytest.mark.parametrize("token_id", ["", ".", "..", "a/b", "a b", "ä", "x" * 129])
@pytest.mark.parametrize("name", ["jti", "sid"])
def test_a_token_whose_id_cannot_be_a_key_is_refused(app, client, name, token_id):
    claims = {"user_id": 1, "iat": 1, "exp": in_an_hour(), "jti": "a", "gen": 0}
    token = jwt.encode(claims | {name: token_id}, app.config["JWT_SECRET_KEY"], "HS256")
    assert client.get("/closed", headers=bearer(token)).status_code == 401
