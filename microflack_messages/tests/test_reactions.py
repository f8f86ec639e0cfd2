"""People react to messages with emoji."""

import threading
from urllib.parse import quote

import pytest
from some_rooms import leave, make_room, say

from microflack_common.testing import token_for
from microflack_messages.changes import store as store_changes
from microflack_messages.models import EVERYONE, db
from microflack_messages.reactions import ReactionChange
from microflack_messages.transactions import begin

MANY = "😀😁😂🤣😃😄😅😆😉😊😋😎😍😘🥰😗😙😚🙂🤗"
FAMILY = "👨‍👩‍👧‍👦"


@pytest.fixture
def react(client, ada):
    """Return a function that reacts to a message, or takes it back."""

    def react(message, emoji="👍", headers=ada, method="put"):
        url = f"{message['_links']['self']}/reactions/{quote(emoji, safe='')}"
        return client.open(url, method=method.upper(), headers=headers)

    return react


@pytest.fixture
def reactions(client, ada):
    """Return a function for the reactions of a message, as pairs."""

    def reactions(message):
        found = client.get(message["_links"]["self"], headers=ada).json["reactions"]
        return [(one["emoji"], one["user_ids"]) for one in found]

    return reactions


def test_people_react_in_their_order(react, reactions, post, bob):
    message = post()
    assert message["reactions"] == []
    for emoji, headers in (("👍", bob), ("🎉", bob)):
        answer = react(message, emoji, headers)
        assert (answer.status_code, answer.data) == (204, b"")
    assert react(message).status_code == 204
    assert reactions(message) == [("👍", [2, 1]), ("🎉", [2])]


def test_a_reaction_is_a_change_of_the_message(client, react, post, last):
    message = post()
    react(message)
    answer = client.get(f"/api/messages?after={message['change']}").json
    (changed,) = answer["messages"]
    assert changed["reactions"] == [{"emoji": "👍", "user_ids": [1]}]
    assert changed["change"] == answer["change"] == message["change"] + 1
    assert changed["updated_at"] >= message["updated_at"]
    assert (changed["source"], changed["html"]) == (message["source"], message["html"])


def test_what_is_so_already_takes_no_number(react, post, last):
    message = post()
    react(message)
    before = last()
    assert react(message).status_code == 204
    assert react(message, "🎉", method="delete").status_code == 204
    assert last() == before


def test_what_nobody_holds_any_more_is_left_out(react, reactions, post, bob):
    message = post()
    react(message)
    react(message, headers=bob)
    react(message, "🎉")
    assert react(message, method="delete").status_code == 204
    assert reactions(message) == [("👍", [2]), ("🎉", [1])]
    react(message, "🎉", method="delete")
    react(message, headers=bob, method="delete")
    assert reactions(message) == []


@pytest.mark.parametrize(
    "emoji", ["👍", "👍🏽", "❤️", FAMILY, "🇩🇪", "1️⃣", "#️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏳️‍🌈", "⌚"]
)
def test_every_sequence_that_is_an_emoji_is_one(react, reactions, post, emoji):
    message = post()
    assert react(message, emoji).status_code == 204
    assert reactions(message) == [(emoji, [1])]


@pytest.mark.parametrize(
    "text",
    [
        *("a", "1", "#", " ", "thumbsup", ":+1:", "👍👍", "👍a", "\u200d", "\ufe0f"),
        *("🇩", "👨‍", "👍\u0301", "x" * 3000, "😀" * 700, "%", "\x00", "é", "中"),
    ],
)
def test_all_else_is_none(react, reactions, post, text):
    message = post()
    for method in ("put", "delete"):
        answer = react(message, text, method=method)
        assert answer.status_code == 400
        assert answer.json["error"].startswith("emoji: ")
    assert reactions(message) == []


def test_bytes_that_are_no_text_are_none(client, ada, post):
    url = post()["_links"]["self"]
    answer = client.put(f"{url}/reactions/%ff%fe", headers=ada)
    assert answer.status_code == 400


def test_an_emoji_is_the_same_however_a_keyboard_writes_it(react, reactions, post, bob):
    message = post()
    react(message, "❤")
    react(message, "❤️", headers=bob)
    assert reactions(message) == [("❤️", [1, 2])]
    react(message, "❤", headers=bob, method="delete")
    assert reactions(message) == [("❤️", [1])]


def test_a_message_has_at_most_20_different_ones(react, reactions, post, bob, last):
    message = post()
    for emoji in MANY:
        assert react(message, emoji).status_code == 204
    before = last()
    answer = react(message, "👍")
    assert answer.status_code == 400
    assert "20" in answer.json["error"]
    assert last() == before
    # Others may still join in, and one that goes makes room.
    assert react(message, MANY[3], headers=bob).status_code == 204
    react(message, MANY[0], method="delete")
    assert react(message, "👍").status_code == 204
    assert len(reactions(message)) == 20


def test_reacting_needs_a_token_and_a_message(client, react, post):
    message = post()
    for method in ("put", "delete"):
        assert react(message, headers={}, method=method).status_code == 401
        for message_id in ("999", 2**40):
            missing = {"_links": {"self": f"/api/messages/{message_id}"}}
            assert react(missing, method=method).status_code == 404


def test_only_who_is_in_the_room_reacts(app, client, ada, bob, react, reactions):
    secret = say(client, ada, make_room(app, "private", 1))
    open_room = make_room(app, "public", 1, 2)
    public = say(client, ada, open_room)
    assert react(secret, headers=bob).status_code == 404
    assert react(secret, "no emoji", headers=bob).status_code == 404
    assert react(public, headers=bob).status_code == 204
    leave(app, open_room, 2)
    assert react(public, "🎉", headers=bob).status_code == 403
    # What is one's own may be taken back.
    assert react(public, headers=bob, method="delete").status_code == 204
    assert (reactions(secret), reactions(public)) == ([], [])


def test_all_who_react_at_once_are_counted(app, react, reactions, post, last):
    message, before = post(), last()
    people = range(1, 25)
    headers = {one: token_for(app, one) for one in people}
    begin_all = threading.Barrier(len(people))
    answers = []

    def work(user_id):
        begin_all.wait(60)
        url = f"{message['_links']['self']}/reactions/{quote('👍')}"
        answer = app.test_client().put(url, headers=headers[user_id])
        answers.append(answer.status_code)

    threads = [threading.Thread(target=work, args=[one]) for one in people]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert answers == [204] * len(people)
    ((emoji, users),) = reactions(message)
    assert (emoji, sorted(users)) == ("👍", list(people))
    assert last() == before + len(people)


def test_a_reaction_that_another_one_forestalled_takes_no_number(app, post, last):
    message, before = post(), last()
    twice = [ReactionChange(EVERYONE, message["id"], "👍", 7, True) for _ in "ab"]
    with app.app_context(), db.engine.connect() as connection:
        begin(connection)
        first, second = store_changes(connection, EVERYONE, twice)
        connection.commit()
    assert (first.model["change"], second) == (before + 1, None)
    assert last() == before + 1


def test_cards_come_although_somebody_has_reacted(
    app, client, react, reactions, post, web
):
    hold = threading.Event()

    def slow():
        assert hold.wait(60)
        yield b"<title>Title</title>"

    message = post(web.page("/page", slow))
    react(message)
    hold.set()
    assert app.extensions["microflack_card_worker"]._worker.flush(60)
    assert "Title" in client.get(message["_links"]["self"]).json["html"]
    assert reactions(message) == [("👍", [1])]


def test_an_edit_keeps_reactions(client, ada, react, reactions, post):
    message = post()
    react(message)
    client.put(message["_links"]["self"], json={"source": "new"}, headers=ada)
    assert reactions(message) == [("👍", [1])]
