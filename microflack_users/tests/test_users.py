"""Registration, reading and changing of accounts."""

import pytest
from conftest import PASSWORD


def test_registering_answers_with_the_user_and_its_place(client):
    answer = client.post("/api/users", json={"nickname": "ada", "password": PASSWORD})
    assert answer.status_code == 201
    user = answer.json
    assert answer.headers["Location"] == f"/api/users/{user['id']}"
    assert user["nickname"] == "ada"
    assert user["online"] is False
    assert isinstance(user["created_at"], int)
    assert set(user["_links"]) == {"self", "messages", "tokens"}
    assert "password" not in str(user)


def test_a_registered_user_can_be_read_without_a_token(client, register):
    user = register()
    answer = client.get(user["_links"]["self"])
    assert answer.status_code == 200
    assert answer.json == user


@pytest.mark.parametrize("nickname", ["ada", "ADA", "Ada"])
def test_a_nickname_is_given_once_whatever_its_case(client, register, nickname):
    register("ada")
    answer = client.post(
        "/api/users", json={"nickname": nickname, "password": PASSWORD}
    )
    assert answer.status_code == 400
    assert "nickname" in answer.json["error"]


@pytest.mark.parametrize(
    "nickname", ["straße", "Åse", "日本", "🦊", "<script>", "a b", "O'Hara"]
)
def test_a_nickname_may_be_any_visible_text(client, register, sign_in, nickname):
    user = register(nickname)
    assert client.get(f"/api/users/{user['id']}").json["nickname"] == nickname


@pytest.mark.parametrize(
    "nickname",
    ["", " ada", "ada ", "\tada", "a\nb", "a\x00b", "a\x7fb", "\u202eada", "\u200b",
     "a:b", "\ud800", "x" * 33, "\u2028"],
)  # fmt: skip
def test_a_nickname_that_cannot_be_seen_or_typed_is_refused(client, nickname):
    answer = client.post(
        "/api/users", json={"nickname": nickname, "password": PASSWORD}
    )
    assert answer.status_code == 400
    assert answer.json["error"].startswith("nickname: ")


def test_a_nickname_of_32_characters_is_accepted(register):
    register("🦊" * 32)


def test_the_owner_changes_nickname_and_password(client, register, sign_in):
    user = register("ada", "the old one")
    change = {"nickname": "Countess", "password": "the new one"}
    answer = client.put("/api/users/1", json=change, headers=sign_in(user))
    assert answer.status_code == 204
    assert answer.data == b""
    assert client.get("/api/users/1").json["nickname"] == "Countess"
    assert (
        client.get("/api/users/me", auth=("countess", "the new one")).status_code == 200
    )
    assert (
        client.get("/api/users/me", auth=("countess", "the old one")).status_code == 401
    )


def test_changing_a_nickname_to_a_taken_one_is_refused(client, register, sign_in):
    register("ada")
    bob = register("bob")
    change = {"nickname": "ADA"}
    answer = client.put(bob["_links"]["self"], json=change, headers=sign_in(bob))
    assert answer.status_code == 400
    assert client.get(bob["_links"]["self"]).json["nickname"] == "bob"


def test_the_case_of_ones_own_nickname_can_be_changed(client, register, sign_in):
    user = register("ada")
    answer = client.put("/api/users/1", json={"nickname": "Ada"}, headers=sign_in(user))
    assert answer.status_code == 204


def test_changing_anothers_account_is_forbidden(client, register, sign_in):
    register("ada")
    bob = register("bob")
    answer = client.put("/api/users/1", json={"nickname": "eve"}, headers=sign_in(bob))
    assert answer.status_code == 403
    assert client.get("/api/users/1").json["nickname"] == "ada"


def test_changing_nothing_is_refused(client, register, sign_in):
    answer = client.put("/api/users/1", json={}, headers=sign_in(register()))
    assert answer.status_code == 400


def test_changing_needs_a_token(client, register):
    register()
    assert client.put("/api/users/1", json={"nickname": "eve"}).status_code == 401


def test_unknown_fields_are_ignored(client):
    body = {"nickname": "ada", "password": PASSWORD, "id": 7, "admin": True}
    assert client.post("/api/users", json=body).json["id"] == 1
