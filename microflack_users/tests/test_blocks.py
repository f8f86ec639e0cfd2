"""Whom people have blocked."""

import pytest
from conftest import PASSWORD
from sqlalchemy import update

from microflack_common import service_tokens
from microflack_common.testing import bearer
from microflack_users import blocks, leftovers
from microflack_users.models import User, db

PATH = "/api/users/me/blocked"
KEY = "the key of services, for tests only!"


@pytest.fixture
def ask(client):
    """Return a function that sends a request and returns the status."""
    return lambda method, path, headers=None: (
        client.open(path, method=method, headers=headers).status_code
    )


@pytest.fixture
def listed(client):
    """Return a function that returns whom somebody has blocked."""

    def listed(headers):
        answer = client.get(PATH, headers=headers)
        assert answer.headers["Cache-Control"] == "no-store"
        return [one["user_id"] for one in answer.json["blocked"]]

    return listed


def test_somebody_is_blocked_and_no_more(register, sign_in, ask, listed):
    ada, eve = sign_in(register("ada")), sign_in(register("eve"))
    assert listed(ada) == []
    for _ in range(2):
        assert ask("PUT", f"{PATH}/2", ada) == 204
    assert listed(ada) == [2]
    # Who is blocked cannot find out.
    assert listed(eve) == []
    for _ in range(2):
        assert ask("DELETE", f"{PATH}/2", ada) == 204
    assert listed(ada) == []


def test_only_somebody_else_is_blocked_by_who_has_a_token(register, sign_in, ask):
    ada = sign_in(register())
    assert ask("PUT", f"{PATH}/1", ada) == 400
    assert ask("PUT", f"{PATH}/99", ada) == 404
    assert ask("PUT", f"{PATH}/99999999999", ada) == 404
    assert ask("PUT", f"{PATH}/x", ada) == 404
    for method, path in (("GET", PATH), ("PUT", f"{PATH}/2"), ("DELETE", f"{PATH}/2")):
        assert ask(method, path) == 401


def test_nobody_blocks_more_than_the_most(app, register, sign_in, ask, listed):
    ada = sign_in(register("ada"))
    register("eve")
    register("mallory")
    many = [
        blocks.Block(user_id=1, blocked_id=1000 + n, since=0)
        for n in range(blocks.MOST - 1)
    ]
    with app.app_context():
        db.session.add_all(many)
        db.session.commit()
    assert ask("PUT", f"{PATH}/2", ada) == 204
    assert ask("PUT", f"{PATH}/3", ada) == 400
    assert ask("PUT", f"{PATH}/2", ada) == 204
    assert listed(ada)[-1] == 2


def test_a_deleted_account_has_blocked_nobody_and_is_blocked_by_nobody(
    app, client, register, sign_in, ask, listed
):
    ada, eve = sign_in(register("ada")), sign_in(register("eve"))
    ask("PUT", f"{PATH}/2", ada)
    ask("PUT", f"{PATH}/1", eve)
    exported = client.get("/api/users/me/export", headers=ada).json["blocked"]
    assert exported == client.get(PATH, headers=ada).json["blocked"]
    assert [one["user_id"] for one in exported] == [2]
    client.delete("/api/users/2", json={"current_password": PASSWORD}, headers=eve)
    assert listed(ada) == []


def test_what_an_earlier_release_leaves_of_an_account_is_removed(
    app, register, sign_in, ask, listed
):
    ada = sign_in(register("ada"))
    register("eve")
    ask("PUT", f"{PATH}/2", ada)
    with app.app_context():
        db.session.execute(update(User).where(User.id == 2).values(deleted_at=1))
        db.session.commit()
    leftovers.remove(app)
    assert listed(ada) == []


def test_a_service_asks_in_a_users_place_which_is_no_sign_of_life(
    app, client, register, sign_in, ask, listed, monkeypatch
):
    monkeypatch.setitem(app.config, "SERVICE_KEY", KEY)
    ada = sign_in(register("ada"))
    register("eve")
    ask("PUT", f"{PATH}/2", ada)
    client.delete("/api/users/me", headers=ada)
    with app.app_context():
        service = bearer(service_tokens.issue_service_token(1))
    assert listed(service) == [2]
    assert client.get("/api/users/1").json["online"] is False
    # It only reads.
    assert ask("DELETE", f"{PATH}/2", service) == 401
