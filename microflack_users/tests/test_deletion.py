"""Accounts can be taken away, by their owners."""

import pytest
from conftest import PASSWORD

from microflack_common.testing import basic

PROOF = {"current_password": PASSWORD}


def test_the_owner_deletes_an_account_and_a_trace_stays(
    client, admin, register, sign_in, registry
):
    headers = sign_in(register())
    answer = client.delete("/api/users/2", json=PROOF, headers=headers)
    assert answer.status_code == 204
    shown = client.get("/api/users/2").json
    assert shown["nickname"] == "Deleted account 2"
    assert (shown["deactivated"], shown["online"]) == (True, False)
    assert "/rights/users/2" in registry.values
    assert (
        client.get("/api/users/me", headers=basic("ada", PASSWORD)).status_code == 401
    )
    answer = client.get("/api/users/me", headers=basic("Deleted account 2", PASSWORD))
    assert answer.status_code == 401
    for change in ({"deactivated": False}, {"admin": True}):
        assert client.put("/api/users/2", json=change, headers=admin).status_code == 400
    assert client.post("/api/users/2/reset", headers=admin).status_code == 404
    again = {"nickname": "ada", "password": PASSWORD}
    assert client.post("/api/users", json=again).status_code == 400


def test_several_accounts_can_be_deleted(client, register, sign_in):
    for nickname in ("ada", "bob"):
        headers = sign_in(register(nickname))
        user_id = 1 if nickname == "ada" else 2
        path = f"/api/users/{user_id}"
        assert client.delete(path, json=PROOF, headers=headers).status_code == 204
    names = [user["nickname"] for user in client.get("/api/users").json["users"]]
    assert sorted(names) == ["Deleted account 1", "Deleted account 2"]


@pytest.mark.parametrize("password", ["wrong password", " ", PASSWORD.upper()])
def test_a_wrong_password_deletes_nothing(client, register, sign_in, password):
    headers = sign_in(register())
    body = {"current_password": password}
    assert client.delete("/api/users/1", json=body, headers=headers).status_code == 403
    assert client.get("/api/users/1").json["nickname"] == "ada"


@pytest.mark.parametrize("password", [None, 7, "", [], {}, True])
def test_the_password_has_to_be_given(client, register, sign_in, password):
    body = {"current_password": password}
    answer = client.delete("/api/users/1", json=body, headers=sign_in(register()))
    assert answer.status_code == 400
    assert "current_password" in answer.json["error"]


def test_nobody_elses_account_is_deleted(client, admin, register):
    register()
    assert client.delete("/api/users/2", json=PROOF, headers=admin).status_code == 403
    assert client.delete("/api/users/2", json=PROOF).status_code == 401
    assert client.delete("/api/users/9", json=PROOF, headers=admin).status_code == 404


def test_an_account_can_be_exported(client, admin):
    client.post("/api/users/invitations", json={}, headers=admin)
    answer = client.get("/api/users/me/export", headers=admin)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.json["user"]["nickname"] == "root of all"
    assert len(answer.json["invitations"]) == 1
    assert client.get("/api/users/me/export").status_code == 401
