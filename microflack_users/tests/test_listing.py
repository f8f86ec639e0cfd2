"""The list of users, its filters and its bound."""

import time

import pytest
from conftest import PASSWORD
from sqlalchemy import event, text

from microflack_common import database
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


def test_a_list_that_is_large_is_cut(client, stored):
    # Each sign takes twelve bytes in JSON.
    stored(*(("\N{GRINNING FACE}" * 29 + f"{n:03}", n, False) for n in range(500)))
    address, seen = "/api/users", []
    while address:
        answer = client.get(address)
        assert len(answer.data) < 257 * 1024
        seen += names(answer)
        address = answer.json.get("_links", {}).get("next")
    assert [name[-3:] for name in seen] == [f"{n:03}" for n in range(500)]


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
    user = register("ada", PASSWORD)
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


@pytest.fixture
def changed_beside(app):
    """Return a function that changes users as a release does that knows of nothing."""

    def change(assignment):
        with app.app_context():
            db.session.execute(text(f"UPDATE users SET {assignment}"))
            db.session.commit()

    return change


def test_who_has_the_list_is_not_sent_it_again(client, register):
    register("ada")
    listed = client.get("/api/users")
    assert listed.headers["Cache-Control"] == "private, no-cache"
    assert listed.headers["Vary"] == "Authorization"
    headers = {"If-None-Match": listed.headers["ETag"]}
    same = client.get("/api/users", headers=headers)
    assert (same.status_code, same.data) == (304, b"")
    register("grace")
    assert names(client.get("/api/users", headers=headers)) == ["ada", "grace"]


def test_lists_have_tags_of_their_own(client, stored):
    stored(("al", 10, True), ("bo", 20, False))
    queries = ["", "?online=1", "?online=0", "?updated_since=1", "?limit=1", "?limit=2"]
    tags = [client.get(f"/api/users{query}").headers["ETag"] for query in queries]
    assert len(set(tags)) == len(queries)


@pytest.mark.parametrize(
    "assignment",
    ["nickname = 'Ada'", "updated_at = updated_at + 1", "online = NOT online",
     "last_seen_at = last_seen_at + 15", "nickname = 'a,b 1 2+'"],
)  # fmt: skip
def test_what_an_earlier_release_changes_is_listed(
    client, register, changed_beside, assignment
):
    register("ada")
    before = client.get("/api/users")
    changed_beside(assignment)
    headers = {"If-None-Match": before.headers["ETag"]}
    after = client.get("/api/users", headers=headers)
    assert after.json["users"] == [client.get("/api/users/1").json]
    assert after.json != before.json
    again = client.get("/api/users", headers={"If-None-Match": after.headers["ETag"]})
    assert again.status_code == 304


def test_what_an_earlier_release_takes_away_is_not_listed(app, client, register):
    register("ada")
    register("grace")
    assert names(client.get("/api/users")) == ["ada", "grace"]
    with app.app_context():
        db.session.execute(text("DELETE FROM users WHERE nickname = 'ada'"))
        db.session.commit()
    assert names(client.get("/api/users")) == ["grace"]


@pytest.mark.parametrize("query", ["", "?limit=2", "?online=1&updated_since=3"])
def test_rows_are_read_once_while_a_list_is_the_same(app, client, stored, query):
    stored(*((f"a,b {n}+🦊", n, n % 2 == 0) for n in range(9)))
    reads = []
    with app.app_context():
        engine = database.autocommit(app)

    @event.listens_for(engine, "after_cursor_execute")
    def note(_connection, _cursor, statement, _values, _context, _many):
        reads.append("nickname" not in statement)

    answers = {client.get(f"/api/users{query}").data for _ in range(3)}
    event.remove(engine, "after_cursor_execute", note)
    assert len(answers) == 1
    assert reads.count(False) == 1
