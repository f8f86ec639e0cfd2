"""Forgotten passwords: codes that set another one, once."""

import pytest
from conftest import PASSWORD
from sqlalchemy import update

from microflack_common.testing import basic
from microflack_users.models import db
from microflack_users.resets import Reset

NEW = "another secret"


@pytest.fixture
def code(client, admin, register):
    """Return a code for the user 2, ada."""
    register()
    answer = client.post("/api/users/2/reset", headers=admin)
    assert answer.status_code == 201
    assert answer.json["url"].endswith(f"/reset#{answer.json['code']}")
    return answer.json["code"]


def reset(client, code, password=NEW):
    """Use a code and return the answer."""
    body = {"code": code, "password": password}
    return client.post("/api/users/reset", json=body)


def test_a_code_sets_another_password_once(client, code):
    assert reset(client, code).status_code == 204
    assert client.get("/api/users/me", headers=basic("ada", NEW)).status_code == 200
    assert (
        client.get("/api/users/me", headers=basic("ada", PASSWORD)).status_code == 401
    )
    answer = reset(client, code, "a third secret")
    assert answer.status_code == 400
    assert answer.json["error"].startswith("code: ")
    assert client.get("/api/users/me", headers=basic("ada", NEW)).status_code == 200


@pytest.mark.parametrize("password", ["short", "password", "x" * 129, 7, None])
def test_a_bad_password_is_named_and_the_code_stays_good(client, code, password):
    answer = reset(client, code, password)
    assert answer.status_code == 400
    assert answer.json["error"].startswith("password: ")
    assert reset(client, code).status_code == 204


@pytest.mark.parametrize("wrong", ["x", "", 7, None, [], {}, "x" * 65, "a\x00b"])
def test_a_wrong_code_is_named(client, code, wrong):
    answer = reset(client, wrong)
    assert answer.status_code == 400
    assert answer.json["error"].startswith("code: ")


def test_a_newer_code_ends_the_older(client, admin, code):
    newer = client.post("/api/users/2/reset", headers=admin).json["code"]
    assert reset(client, code).status_code == 400
    assert reset(client, newer).status_code == 204


def test_a_code_expires(app, client, code):
    with app.app_context():
        db.session.execute(update(Reset).values(expires_at=1))
        db.session.commit()
    assert reset(client, code).status_code == 400


def test_a_changed_password_ends_a_code(client, code, sign_in):
    change = {"password": "a third secret"}
    answer = client.put("/api/users/2", json=change, headers=sign_in({"id": 2}))
    assert answer.status_code == 204
    assert reset(client, code).status_code == 400


def test_only_administrators_make_codes(client, admin, register, sign_in):
    headers = sign_in(register())
    for user_id, given, status in ((2, headers, 403), (2, {}, 401), (99, admin, 404)):
        answer = client.post(f"/api/users/{user_id}/reset", headers=given)
        assert answer.status_code == status
