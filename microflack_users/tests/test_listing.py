"""The list of users, its filters and its bound."""

import time

import pytest

from microflack_users.models import User, db


@pytest.fixture
def stored(app):
    """Return a function that stores users with given times."""

    def store(*accounts):
        with app.app_context():
            for nickname, updated_at, online in accounts:
                user = User(nickname, "x")
                user.updated_at, user.online = updated_at, online
                user.last_seen_at = int(time.time())
                db.session.add(user)
            db.session.commit()

    return store


def names(answer):
    assert answer.status_code == 200, answer.json
    return [user["nickname"] for user in answer.json["users"]]


def test_users_are_ordered_by_change_and_nickname(client, stored):
    stored(("cy", 10, False), ("bo", 20, False), ("al", 20, True), ("di", 5, True))
    assert names(client.get("/api/users")) == ["di", "cy", "al", "bo"]


def test_an_empty_service_lists_nobody(client):
    assert client.get("/api/users").json == {"users": []}


@pytest.mark.parametrize(("online", "expected"), [("1", ["al"]), ("0", ["bo"])])
def test_users_are_filtered_by_presence(client, stored, online, expected):
    stored(("al", 10, True), ("bo", 20, False))
    assert names(client.get(f"/api/users?online={online}")) == expected


def test_users_are_filtered_by_change(client, stored):
    stored(("al", 10, True), ("bo", 20, False), ("cy", 30, False))
    assert names(client.get("/api/users?updated_since=20")) == ["bo", "cy"]


def test_a_cut_list_is_continued_by_its_link(client, stored):
    stored(*((f"user{n}", 10 + n // 4, False) for n in range(11)))
    address, seen = "/api/users?limit=3", []
    while address:
        answer = client.get(address)
        assert len(answer.json["users"]) <= 3
        seen += names(answer)
        address = answer.json.get("_links", {}).get("next")
    assert sorted(seen, key=lambda n: int(n[4:])) == [f"user{n}" for n in range(11)]
    assert len(seen) == 11


def test_a_filter_holds_in_the_continued_list(client, stored):
    stored(*((f"user{n}", n, n % 2 == 0) for n in range(8)))
    first = client.get("/api/users?limit=2&online=1")
    assert names(client.get(first.json["_links"]["next"])) == ["user4", "user6"]


@pytest.mark.parametrize(
    "query",
    ["updated_since=-1", "updated_since=", "updated_since=soon", "updated_since=1e3",
     "updated_since=" + "9" * 30, "online=2", "online=yes", "limit=0", "limit=501"],
)  # fmt: skip
def test_a_filter_that_makes_no_sense_is_refused(client, query):
    answer = client.get(f"/api/users?{query}")
    assert answer.status_code == 400
    assert query.split("=")[0] in answer.json["error"]


def test_a_moment_far_away_lists_nobody(client, register):
    register()
    assert names(client.get(f"/api/users?updated_since={2**53 - 1}")) == []


def test_a_cut_list_that_is_filtered_is_continued(client, stored):
    stored(*((f"user{n}", 10 + n // 4, n % 2 == 0) for n in range(11)))
    address, seen = "/api/users?limit=2&online=1", []
    while address:
        answer = client.get(address)
        seen += names(answer)
        address = answer.json.get("_links", {}).get("next")
    assert sorted(seen, key=lambda n: int(n[4:])) == [
        f"user{n}" for n in range(0, 11, 2)
    ]


def test_a_list_shows_what_has_changed(client, register, sign_in):
    user = register("ada", "x")
    assert names(client.get("/api/users")) == ["ada"]
    body = {"nickname": "Ada, Åse 🦊"}
    client.put(user["_links"]["self"], json=body, headers=sign_in(user))
    assert client.get("/api/users").json["users"] == [
        client.get(user["_links"]["self"]).json
    ]
    client.delete("/api/users/me", headers=sign_in(user))
    (listed,) = client.get("/api/users").json["users"]
    assert listed == client.get(user["_links"]["self"]).json
    assert listed["online"] is False
