"""Administrators, and people who were deactivated."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import PASSWORD, stop, wait_for

from microflack_common.testing import basic
from microflack_users import roles
from microflack_users.app import create_app
from microflack_users.config import Config
from microflack_users.models import User, db


@pytest.fixture
def put(client):
    """Return a function that changes a user and returns the status."""
    return lambda headers, user_id, **change: (
        client.put(f"/api/users/{user_id}", json=change, headers=headers).status_code
    )


def test_an_account_is_no_administrator_until_one_makes_it_one(
    client, admin, register, put, registry
):
    user = register()
    assert (user["admin"], user["deactivated"]) == (False, False)
    assert put(admin, user["id"], admin=True) == 204
    assert client.get("/api/users/2").json["admin"] is True
    assert json.loads(registry.values["/rights/users/2"]) == {"admin": True}
    assert put(admin, user["id"], admin=False) == 204
    assert "/rights/users/2" not in registry.values


@pytest.mark.parametrize("change", [{"admin": True}, {"deactivated": True}])
def test_only_administrators_change_roles(
    client, admin, register, sign_in, put, change
):
    ada, bob = register("ada"), register("bob")
    for user_id in (ada["id"], bob["id"], 1):
        assert put(sign_in(ada), user_id, **change) == 403
    assert put({}, ada["id"], **change) == 401
    assert not client.get("/api/users/3").json["deactivated"]


def test_an_administrator_changes_nobodys_nickname_or_password(admin, register, put):
    user = register()
    assert put(admin, user["id"], nickname="eve") == 403
    assert put(admin, user["id"], admin=True, password="another secret") == 403
    assert put(admin, 99, admin=True) == 404


def test_the_last_administrator_stays_one(client, admin, register, put):
    assert put(admin, 1, admin=False) == 400
    assert put(admin, 1, deactivated=True) == 400
    answer = client.delete(
        "/api/users/1", json={"current_password": PASSWORD}, headers=admin
    )
    assert answer.status_code == 400
    user = register()
    put(admin, user["id"], admin=True)
    put(admin, user["id"], deactivated=True)
    assert put(admin, 1, admin=False) == 400
    put(admin, user["id"], deactivated=False)
    assert put(admin, 1, admin=False) == 204
    assert put(admin, 1, admin=True) == 403


def test_two_administrators_cannot_demote_each_other(
    app, settings, registry, admin, register, sign_in
):
    other = create_app(Config(settings), registry)
    user = register()
    try:
        for _ in range(5):
            with app.app_context():
                for user_id in (1, user["id"]):
                    db.session.get(User, user_id).admin = True
                db.session.commit()
            both = threading.Barrier(2)

            def demote(instance, headers, user_id, both=both):
                both.wait()
                client = instance.test_client()
                path = f"/api/users/{user_id}"
                return client.put(
                    path, json={"admin": False}, headers=headers
                ).status_code

            with ThreadPoolExecutor(2) as pool:
                first = pool.submit(demote, app, admin, user["id"])
                second = pool.submit(demote, other, sign_in(user), 1)
                statuses = {first.result(), second.result()}
            assert 204 in statuses
            assert statuses <= {204, 400, 403}
            with app.app_context():
                assert db.session.query(User).filter_by(admin=True).count() == 1
    finally:
        stop(other)


def test_who_is_deactivated_is_told_so_and_everything_ends(
    client, admin, register, sign_in, put, registry
):
    user = register()
    headers = sign_in(user)
    assert client.put("/api/users/me", headers=headers).status_code == 204
    assert put(admin, user["id"], deactivated=True) == 204
    shown = client.get("/api/users/2").json
    assert (shown["deactivated"], shown["online"]) == (True, False)
    assert json.loads(registry.values["/rights/users/2"]) == {"deactivated": True}
    answer = client.get("/api/users/me", headers=basic("ada", PASSWORD))
    assert answer.status_code == 401
    assert "deactivated" in answer.json["error"]
    answer = client.get("/api/users/me", headers=basic("ada", "wrong password"))
    assert "deactivated" not in answer.json["error"]
    wait_for(lambda: client.put("/api/users/me", headers=headers).status_code == 401)
    assert put(admin, user["id"], deactivated=False) == 204
    answer = client.get("/api/users/me", headers=basic("ada", PASSWORD))
    assert answer.status_code == 200


def test_nothing_is_changed_while_the_registry_is_away(
    client, admin, register, put, registry
):
    user = register()
    registry.away = True
    try:
        assert put(admin, user["id"], admin=True) == 503
    finally:
        registry.away = False
    assert client.get("/api/users/2").json["admin"] is False
    wait_for(lambda: put(admin, user["id"], admin=True) == 204)


def test_all_is_written_again_when_the_registry_has_lost_it(
    app, client, admin, register, put, registry
):
    put(admin, register()["id"], deactivated=True)
    wait_for(lambda: "/rights/complete" in registry.values)
    registry.put("/rights/users/77", '{"admin": true}')
    for key in ("/rights/users/1", "/rights/users/2", "/rights/complete"):
        registry.delete(key)
    wait_for(lambda: "/rights/complete" in registry.values)
    assert json.loads(registry.values["/rights/users/1"]) == {"admin": True}
    assert json.loads(registry.values["/rights/users/2"]) == {"deactivated": True}
    with app.app_context():
        roles.write_all()
    wait_for(lambda: "/rights/users/77" not in registry.values)


def test_a_list_changes_with_a_role(client, admin, register, put):
    user = register()
    before = client.get("/api/users").headers["ETag"]
    put(admin, user["id"], admin=True)
    headers = {"If-None-Match": before}
    answer = client.get("/api/users", headers=headers)
    assert answer.status_code == 200
    assert [u["admin"] for u in answer.json["users"]].count(True) == 2


@pytest.mark.parametrize("value", ["yes", 1, 0, "true", [], {}, 1.0])
@pytest.mark.parametrize("field", ["admin", "deactivated"])
def test_a_role_is_true_or_false(admin, client, field, value):
    answer = client.put("/api/users/1", json={field: value}, headers=admin)
    assert answer.status_code == 400
    assert answer.json["error"].startswith(f"{field}: ")


def test_null_is_as_if_it_were_left_out(admin, client, put):
    assert put(admin, 1, admin=None, nickname="Countess") == 204
    assert client.get("/api/users/1").json["admin"] is True
    assert put(admin, 1, admin=None) == 400


def test_all_of_an_account_can_be_changed_at_once(client, admin, put):
    change = {"nickname": "Countess", "password": "another secret", "admin": True}
    assert put(admin, 1, **change) == 204
    answer = client.get("/api/users/me", headers=basic("countess", "another secret"))
    assert answer.status_code == 200
    assert answer.json["admin"] is True
