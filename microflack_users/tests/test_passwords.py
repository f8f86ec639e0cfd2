"""Which passwords may be chosen, and who may change one."""

import pytest
from conftest import PASSWORD

from microflack_common.testing import basic
from microflack_users.models import User, db
from microflack_users.passwords import HASHER

COMPOSED, DECOMPOSED = "caf\u00e9 au lait", "cafe\u0301 au lait"


@pytest.mark.parametrize(
    "password",
    [
        *("short 7", "password", "PASSWORD", "iloveyou", "12345678", "x" * 129),
        # Stolen elsewhere, though not among the commonest three thousand.
        *("schoolgirlie", "drstrang"),
        # Words of the chat.
        *("microflack", "MicroFlack2026!", "administrator", "everyone1"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(client, password):
    body = {"nickname": "ada", "password": password}
    answer = client.post("/api/users", json=body)
    assert answer.status_code == 400
    assert answer.json["error"].startswith("password: ")


def test_the_nickname_is_no_password(client):
    body = {"nickname": "Ada Lovelace", "password": "ada lovelace"}
    answer = client.post("/api/users", json=body)
    assert answer.status_code == 400
    assert "password" in answer.json["fields"]


def test_eight_characters_are_enough(register):
    register(password="v8-engin")


def test_a_password_is_the_same_however_the_keyboard_sends_it(client, register):
    register(password=COMPOSED)
    for typed in (COMPOSED, DECOMPOSED):
        answer = client.get("/api/users/me", headers=basic("ada", typed))
        assert answer.status_code == 200


def test_a_long_password_is_taken_whole(client, register):
    password = "correct horse " * 9
    register(password=password)
    right, cut = basic("ada", password), basic("ada", password[:-1])
    assert client.get("/api/users/me", headers=right).status_code == 200
    assert client.get("/api/users/me", headers=cut).status_code == 401


@pytest.mark.parametrize("stored", [COMPOSED, DECOMPOSED])
@pytest.mark.parametrize("typed", [COMPOSED, DECOMPOSED])
def test_a_password_of_an_earlier_release_is_good_in_either_form(
    app, client, register, stored, typed
):
    user = register()
    with app.app_context():
        db.session.get(User, user["id"]).password_hash = HASHER.hash(stored)
        db.session.commit()
    assert client.get("/api/users/me", headers=basic("ada", typed)).status_code == 200


def test_accounts_of_earlier_releases_keep_their_short_passwords(app, client, register):
    user = register()
    with app.app_context():
        db.session.get(User, user["id"]).password_hash = HASHER.hash("x")
        db.session.commit()
    headers = basic("ada", "x")
    assert client.get("/api/users/me", headers=headers).status_code == 200


def test_a_change_needs_the_password_or_a_fresh_sign_in(
    client, register, sign_in, old_sign_in
):
    user = register()
    change = {"password": "another secret"}
    answer = client.put("/api/users/1", json=change, headers=old_sign_in(user))
    assert answer.status_code == 403
    assert "current_password" in answer.json["error"]
    change["current_password"] = PASSWORD
    answer = client.put("/api/users/1", json=change, headers=old_sign_in(user))
    assert answer.status_code == 204
    change = {"password": "yet another secret"}
    answer = client.put("/api/users/1", json=change, headers=sign_in(user))
    assert answer.status_code == 204
    headers = basic("ada", "yet another secret")
    assert client.get("/api/users/me", headers=headers).status_code == 200


def test_a_wrong_password_is_refused_even_after_a_fresh_sign_in(
    client, register, sign_in
):
    change = {"password": "another secret", "current_password": "not that one"}
    answer = client.put("/api/users/1", json=change, headers=sign_in(register()))
    assert answer.status_code == 403
    assert answer.headers["X-Failed-Sign-In"] == "nickname=ada"
    assert client.get("/api/users/me", auth=("ada", PASSWORD)).status_code == 200


def test_ten_wrong_current_passwords_are_enough_for_a_minute(client, register, sign_in):
    headers = sign_in(register())
    change = {"password": "another secret", "current_password": "not that one"}
    answers = [
        client.put("/api/users/1", json=change, headers=headers) for _ in "x" * 11
    ]
    assert [one.status_code for one in answers] == [403] * 10 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    # The right one is refused as well, and changes nothing; other changes are not.
    right = change | {"current_password": PASSWORD}
    assert client.put("/api/users/1", json=right, headers=headers).status_code == 429
    proof = {"current_password": PASSWORD}
    deletion = client.delete("/api/users/1", json=proof, headers=headers)
    assert deletion.status_code == 429
    name = {"nickname": "grace"}
    assert client.put("/api/users/1", json=name, headers=headers).status_code == 204
    assert client.get("/api/users/me", auth=("grace", PASSWORD)).status_code == 200


@pytest.mark.parametrize("password", ["short", "password", "countess of l", 7, True])
def test_a_change_to_a_bad_password_changes_nothing(
    client, register, sign_in, password
):
    headers = sign_in(register())
    change = {"nickname": "Countess of L", "password": password}
    answer = client.put("/api/users/1", json=change, headers=headers)
    assert answer.status_code == 400
    assert answer.json["error"].startswith("password: ")
    assert client.get("/api/users/1").json["nickname"] == "ada"
    assert client.get("/api/users/me", auth=("ada", PASSWORD)).status_code == 200


@pytest.mark.parametrize("current", [7, "", [], {}, True, "x" * 129, "a\x00b"])
def test_a_current_password_that_is_none_is_named(client, register, sign_in, current):
    change = {"password": "another secret", "current_password": current}
    answer = client.put("/api/users/1", json=change, headers=sign_in(register()))
    assert answer.status_code == 400
    assert answer.json["error"].startswith("current_password: ")
