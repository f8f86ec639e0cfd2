"""A place for members only: invitations, and what needs a token."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import PASSWORD
from sqlalchemy import update

from microflack_common.access import MEMBERS
from microflack_common.testing import bearer
from microflack_users.invitations import Invitation
from microflack_users.models import db


@pytest.fixture
def members(app, admin):
    """Let only members read and register, once there is an administrator."""
    app.config["ACCESS"] = MEMBERS
    yield
    del app.config["ACCESS"]


@pytest.fixture
def invite(client, admin):
    """Return a function that makes an invitation."""

    def invite(**wanted):
        answer = client.post("/api/users/invitations", json=wanted, headers=admin)
        assert answer.status_code == 201, answer.json
        return answer.json

    return invite


@pytest.fixture
def come(app):
    """Return a function that registers with a code, and returns the answer."""

    def come(nickname, code=None):
        body = {"nickname": nickname, "password": PASSWORD, "invitation": code}
        return app.test_client().post("/api/users", json=body)

    return come


def test_an_invitation_is_good_once_for_a_week(client, members, invite, come):
    invitation = invite()
    assert set(invitation) == {"code", "url", "expires_at", "uses_left", "admin"}
    assert invitation["uses_left"] == 1
    assert invitation["url"].endswith(f"/#invitation={invitation['code']}")
    answer = come("ada", invitation["code"])
    assert answer.status_code == 201
    assert answer.json["admin"] is False
    answer = come("bob", invitation["code"])
    assert answer.status_code == 400
    assert "used up" in answer.json["fields"]["invitation"]


def test_members_need_an_invitation_and_are_told_what_is_wrong_with_it(
    app, client, admin, members, invite, come
):
    expired, withdrawn = invite()["code"], invite()["code"]
    with app.app_context():
        old = update(Invitation).where(Invitation.code == expired)
        db.session.execute(old.values(expires_at=1))
        db.session.commit()
    path = f"/api/users/invitations/{withdrawn}"
    assert client.delete(path, headers=admin).status_code == 204
    for code, word in (
        (None, "members"),
        ("no-such-code", "no such"),
        (expired, "expired"),
        (withdrawn, "withdrawn"),
    ):
        answer = come("ada", code)
        assert answer.status_code == 400
        assert answer.json["error"].startswith("invitation: ")
        assert word in answer.json["error"]


def test_while_all_is_open_an_invitation_may_be_given_and_has_to_be_good(invite, come):
    assert come("ada").status_code == 201
    assert come("bob", "no-such-code").status_code == 400
    code = invite()["code"]
    assert come("bob", code).status_code == 201
    assert come("eve", code).status_code == 400


def test_a_nickname_that_is_taken_uses_no_invitation(members, invite, come):
    code = invite()["code"]
    assert come("root of all", code).status_code == 400
    assert come("ada", code).status_code == 201


def test_of_two_who_come_for_the_last_use_one_gets_it(members, invite, come):
    for round_number in range(3):
        code = invite()["code"]
        both = threading.Barrier(2)

        def register(name, both=both, code=code):
            both.wait()
            return come(name, code).status_code

        names = [f"one of {round_number}", f"other of {round_number}"]
        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(register, names)) == [201, 400]


def test_an_invitation_can_make_administrators(members, invite, come, registry):
    answer = come("ada", invite(admin=True)["code"])
    assert answer.json["admin"] is True
    assert f"/rights/users/{answer.json['id']}" in registry.values


def test_those_that_can_still_be_used_are_listed(client, admin, invite, come):
    kept = invite(uses=2, expires_in=60)
    come("ada", invite()["code"])
    withdrawn = invite()["code"]
    client.delete(f"/api/users/invitations/{withdrawn}", headers=admin)
    listed = client.get("/api/users/invitations", headers=admin).json["invitations"]
    assert listed == [kept]
    come("bob", kept["code"])
    listed = client.get("/api/users/invitations", headers=admin).json["invitations"]
    assert [one["uses_left"] for one in listed] == [1]


def test_only_administrators_invite(client, admin, register, sign_in):
    headers = sign_in(register())
    path = "/api/users/invitations"
    for given, status in ((headers, 403), ({}, 401), (bearer("bad"), 401)):
        assert client.post(path, json={}, headers=given).status_code == status
        assert client.get(path, headers=given).status_code == status
        assert client.delete(f"{path}/x", headers=given).status_code == status


@pytest.mark.parametrize(
    "code", ["no-such-code", "x" * 300, "%00", "%F0%9F%A6%8A", "%FF"]
)
def test_one_that_there_is_not_cannot_be_withdrawn(client, admin, code):
    path = f"/api/users/invitations/{code}"
    assert client.delete(path, headers=admin).status_code == 404


@pytest.mark.parametrize("value", ["yes", 1, [], {}])
def test_whether_for_an_administrator_is_true_or_false(client, admin, value):
    path = "/api/users/invitations"
    answer = client.post(path, json={"admin": value}, headers=admin)
    assert answer.status_code == 400
    assert answer.json["error"].startswith("admin: ")


@pytest.mark.parametrize("value", [0, -1, 1.5, "7", True, [], {}, 10**12, 10**4000])
@pytest.mark.parametrize("field", ["expires_in", "uses"])
def test_numbers_that_make_no_sense_are_named(client, admin, field, value):
    path = "/api/users/invitations"
    answer = client.post(path, json={field: value}, headers=admin)
    assert answer.status_code == 400
    assert field in answer.json["error"]


@pytest.mark.parametrize("code", ["", 7, True, [], {}, "x" * 65, "a\x00b", "\ud800"])
def test_a_code_that_is_none_is_named(client, code):
    body = {"nickname": "ada", "password": PASSWORD, "invitation": code}
    answer = client.post("/api/users", json=body)
    assert answer.status_code == 400
    assert answer.json["error"].startswith("invitation: ")


def test_members_read_with_a_token_only(client, admin, members):
    for path in ("/api/users", "/api/users/1", "/api/users/99"):
        assert client.get(path).status_code == 401
        assert client.get(path, headers=bearer("garbage")).status_code == 401
    assert client.get("/api/users", headers=admin).status_code == 200
    assert client.get("/api/users/1", headers=admin).status_code == 200
    assert client.get("/api/users/99", headers=admin).status_code == 404
