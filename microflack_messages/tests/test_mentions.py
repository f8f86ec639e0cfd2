"""Messages mention members of their room, by the names that the users service knows."""

import pytest
from chat import Users
from some_rooms import make_room, say

from microflack_common.testing import running
from microflack_messages.people import People

NICKNAMES = {1: "ada", 2: "Bob", 3: "Ada Lovelace"}


@pytest.fixture(autouse=True)
def users(app):
    """Return a users service, which the application asks; it knows some people."""
    users = Users()
    for user_id, nickname in NICKNAMES.items():
        users.put(user_id, nickname)
    with running(users.app) as url:
        app.extensions["microflack_people"] = People(url)
        yield users
    app.extensions["microflack_people"] = People("")


@pytest.mark.parametrize(
    ("source", "ids"),
    [
        ("hello @bob and @ADA", [2, 1]),
        ("@Ada Lovelace!", [3]),
        ("@bob @Bob", [2]),
        ("bob, ada@bob, @bobby", []),
    ],
)
def test_a_message_mentions_whom_it_names(client, post, source, ids):
    message = post(source)
    assert message["mentions"] == ids
    assert client.get(message["_links"]["self"]).json == message


def test_an_edit_changes_whom_it_mentions(client, ada, post):
    url = post("@bob")["_links"]["self"]
    client.put(url, json={"source": "@ada, not bob"}, headers=ada)
    assert client.get(url).json["mentions"] == [1]
    client.put(url, json={"source": "nobody"}, headers=ada)
    assert client.get(url).json["mentions"] == []


def test_only_who_is_in_the_room_is_mentioned(app, client, ada):
    room = make_room(app, "private", 1, 2)
    assert say(client, ada, room, "@ada lovelace, @bob")["mentions"] == [1, 2]
    alone = make_room(app, "private", 1)
    assert say(client, ada, alone, "@bob @ada lovelace")["mentions"] == [1]


def test_whoever_is_known_is_mentioned_without_a_question(client, users, post):
    post("@bob")
    asked = len(users.asked)
    assert asked
    for _ in range(20):
        assert post("@bob and @ada lovelace")["mentions"] == [2, 3]
        post("nobody at all")
    assert len(users.asked) == asked


def test_somebody_new_is_known_soon(client, users, post):
    post("@bob")
    users.put(4, "zoe")
    for _ in range(1000):
        if post("@zoe")["mentions"] == [4]:
            break
    else:
        pytest.fail("she is not mentioned")


def test_a_users_service_that_is_away_stops_no_message(users, post):
    users.status = 503
    assert post("@bob")["mentions"] == []
    users.status = None


def test_a_text_full_of_signs_is_posted(client, post):
    assert post("@a " * 5000)["mentions"] == []
    assert post("@" * 16000)["mentions"] == []
