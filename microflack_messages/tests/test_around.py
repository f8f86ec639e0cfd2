"""Lists show what is around a message, or a moment."""

import pytest
from some_rooms import make_room, say

from microflack_messages.models import Message, db


@pytest.fixture
def talk(client, ada, post):
    """Post ten messages, and others elsewhere between them; return their ids."""
    return [post(str(number))["id"] for number in range(10)]


def around(client, query, headers=None):
    answer = client.get(f"/api/messages?{query}", headers=headers)
    assert answer.status_code == 200, answer.json
    links = answer.json.get("_links", {})
    return [one["id"] for one in answer.json["messages"]], links


def test_a_list_has_what_is_around_a_message(client, talk):
    found, links = around(client, f"around={talk[4]}&limit=5")
    assert found == talk[2:7]
    assert around(client, links["prev"].partition("?")[2])[0] == talk[:2]
    assert around(client, links["next"].partition("?")[2])[0] == talk[5:10]


def test_all_can_be_read_from_there_on(client, talk):
    for limit in (1, 2, 3):
        url, found = f"/api/messages?around={talk[0]}&limit={limit}", []
        while url:
            page = client.get(url).json
            found += [one["id"] for one in page["messages"]]
            url = page.get("_links", {}).get("next")
        assert list(dict.fromkeys(found)) == talk


def test_at_the_ends_there_is_less(client, talk):
    assert around(client, f"around={talk[0]}&limit=4") == (
        talk[:2],
        {"next": f"/api/messages?around={talk[2]}&limit=4"},
    )
    found, links = around(client, f"around={talk[9]}&limit=4")
    assert (found, list(links)) == (talk[7:], ["prev"])
    assert around(client, f"around={talk[5]}") == (talk, {})


def test_a_list_around_a_message_has_a_number_and_a_tag(client, talk, last, ada):
    url = f"/api/messages?around={talk[4]}"
    answer = client.get(url)
    assert answer.json["change"] == last()
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert client.get(url, headers=tag).status_code == 304
    client.put(f"/api/messages/{talk[4]}/reactions/👍", headers=ada)
    assert client.get(url, headers=tag).status_code == 200


def test_it_stays_in_its_room(app, client, ada, bob, talk):
    room = make_room(app, "private", 1)
    message = say(client, ada, room)["id"]
    query = f"around={message}&room={room}"
    assert around(client, query, ada)[0] == [message]
    assert client.get(f"/api/messages?{query}", headers=bob).status_code == 404
    for other in (message, 999, 2**40):
        answer = client.get(f"/api/messages?around={other}", headers=ada)
        assert answer.status_code == 404
        assert answer.json["error"] == f"There is no message {other} in the room."


def said_at(app, times):
    """Change when messages were said, which are given by id."""
    with app.app_context():
        for message_id, at in times.items():
            db.session.get(Message, message_id).created_at = at
        db.session.commit()


def test_a_list_has_what_is_around_a_moment(app, client, talk):
    said_at(app, {message: 100 * place for place, message in enumerate(talk)})
    for at, place in ((0, 0), (1, 1), (300, 3), (301, 4), (900, 9)):
        found, _ = around(client, f"around_time={at}&limit=1")
        assert found == [talk[place]]
    found, links = around(client, "around_time=350&limit=4")
    assert found == talk[2:6]
    assert links == around(client, f"around={talk[4]}&limit=4")[1]


def test_around_a_moment_since_which_nothing_was_said_is_the_end(app, client, talk):
    said_at(app, dict.fromkeys(talk, 100))
    for at in (101, 2**53 - 1):
        found, links = around(client, f"around_time={at}&limit=4")
        assert (found, list(links)) == (talk[8:], ["prev"])
        assert around(client, f"around_time={at}&limit=1")[0] == []


def test_a_moment_is_looked_for_in_one_room(app, client, ada, bob, talk):
    room = make_room(app, "private", 1)
    assert around(client, f"around_time=0&room={room}", ada) == ([], {})
    message = say(client, ada, room)["id"]
    said_at(app, dict.fromkeys(talk, 100) | {message: 50})
    query = f"around_time=50&room={room}"
    assert around(client, query, ada)[0] == [message]
    assert client.get(f"/api/messages?{query}", headers=bob).status_code == 404


@pytest.mark.parametrize("way", ["around", "around_time"])
@pytest.mark.parametrize("other", ["before_id=3", "updated_since=0", "after=1"])
def test_one_way_to_ask_at_a_time(client, way, other):
    for query in (f"{way}=1&{other}", "around=1&around_time=1"):
        answer = client.get(f"/api/messages?{query}")
        assert answer.status_code == 400
        assert "Not together with another way to ask" in answer.json["error"]


@pytest.mark.parametrize("moment", ["x", "-1", "", "1.5", "2026-11-30", str(2**53)])
def test_around_what_is_no_moment(client, moment):
    answer = client.get(f"/api/messages?around_time={moment}")
    assert answer.status_code == 400
    assert answer.json["error"].startswith("around_time: ")


@pytest.mark.parametrize("around", ["x", "0", "-1", "", "1.5"])
def test_around_what_is_no_id(client, around):
    answer = client.get(f"/api/messages?around={around}")
    assert answer.status_code == 400
    assert answer.json["error"].startswith("around: ")
