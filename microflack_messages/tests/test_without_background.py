"""With BACKGROUND=no an answer comes when all is done, and requests do what is due."""

import json
import threading

import pytest
import redis
from chat import registry_of_sessions
from some_rooms import make_room, say
from sqlalchemy import update
from uploading import uploaded
from web_pushing import SETTINGS, direct

from microflack_common.publisher import CHANNEL
from microflack_common.testing import token_for
from microflack_messages.files.models import File
from microflack_messages.models import EVERYONE, Message, db
from microflack_messages.room_models import REMOVED, PendingNews, Room
from microflack_messages.search.tables import SearchPosting
from microflack_messages.search.terms import WORD
from microflack_messages.web_push import calls, delivery, worker

pytest_plugins = ["web_push_fixtures"]

# What hands something over to others, and is waited for before an answer.
WAITED_FOR = {"push", "unread", "cards"}


@pytest.fixture(scope="module")
def settings(settings, queue):
    """Return settings of a function in a cloud, with a queue."""
    return settings | SETTINGS | {"BACKGROUND": "no", "REDIS": queue.address}


@pytest.fixture(scope="module")
def registry():
    """Return a registry in which sessions can end."""
    return registry_of_sessions()


@pytest.fixture
def heard(queue):
    """Return a function for what was published since the last call."""
    with redis.Redis(port=queue.port) as connection:
        listener = connection.pubsub(ignore_subscribe_messages=True)
        listener.subscribe(CHANNEL)
        listener.get_message(timeout=5)

        def heard():
            connection.publish(CHANNEL, "null")
            listened = (json.loads(one["data"]) for one in listener.listen())
            found = [one["data"][0] for one in iter(listened.__next__, None)]
            return [(one["class"], one.get("model", one)) for one in found]

        yield heard
        listener.close()


def test_cards_are_there_when_the_post_is_answered(client, post, web):
    message = post(f"look: {web.titled('/page', 'The title')}")
    stored = client.get(message["_links"]["self"]).json
    assert "The title" in stored["html"]


def test_a_change_is_published_when_it_is_answered(app, heard, post):
    post("hello")
    assert app.extensions["microflack_push"].flush(0.0)
    assert [model["source"] for _, model in heard()] == ["hello"]


def test_who_has_not_read_what_is_deleted_is_told_before_the_answer(
    app, client, ada, heard
):
    room_id = make_room(app, "private", 1, 2)
    message = say(client, ada, room_id)
    assert client.delete(message["_links"]["self"], headers=ada).status_code == 204
    assert app.extensions["microflack_unread"].flush(0.0)
    assert app.extensions["microflack_push"].flush(0.0)
    rooms = [model for kind, model in heard() if kind == "Room"]
    assert [(one["id"], one["unread"]) for one in rooms] == [(room_id, 0)]


def test_what_was_not_published_is_found_by_requests(app, queue, post):
    post("first")
    task = app.extensions["microflack_unpublished"]
    with redis.Redis(port=queue.port) as connection:
        key = f"published:messages:{EVERYONE}"
        number = post("forgotten")["change"]
        connection.zrem(key, number)
        # Each look publishes what was committed before the one before it.
        task.call()
        task.call()
        post("later")
        assert connection.zscore(key, number) == number


def test_who_is_called_is_told_before_an_answer(
    app, another, chat, person, monkeypatch
):
    monkeypatch.setattr(calls, "READING_SECONDS", 0)
    # On a busy machine it takes longer.
    monkeypatch.setattr(worker, "FLUSH_TIMEOUT_SECONDS", 60.0)
    monkeypatch.setattr(delivery, "TIMEOUT_SECONDS", 60.0)
    bob = person(2).subscribe()
    message = chat.say(direct(app, 1, 2)["id"], 1)
    fresh = another()
    fresh.extensions["microflack_revocations"].keys.put("complete", "1")
    assert fresh.test_client().get("/api/messages").status_code == 200
    assert [one["message_id"] for one in bob.browser.told()] == [message["id"]]


def test_the_first_request_does_all_that_is_due(app, another, chat, heard):
    """What another instance has left: files, a deleted room, news, words to index."""
    ada = token_for(app, 1)
    uploaded(app.test_client(), b"nobody sends it", ada)
    room_id = chat.make(who=1)["id"]
    chat.say(room_id)
    assert chat.delete(f"/api/rooms/{room_id}") == 204
    kept_id = chat.make(who=1)["id"]
    heard()
    with app.app_context():
        db.session.execute(update(File).values(expires_at=File.expires_at % 2))
        db.session.query(PendingNews).delete()
        db.session.add(PendingNews(key="unsaid", room_id=kept_id, user_id=1, since=0))
        db.session.query(SearchPosting).delete()
        db.session.commit()
    newest = chat.say(EVERYONE, source="aardvark")
    before = set(threading.enumerate())
    fresh = another().test_client()
    assert fresh.get("/api/messages").status_code == 200
    new = {one.name.split("-")[0] for one in set(threading.enumerate()) - before}
    assert new <= WAITED_FOR
    with app.app_context():
        assert db.session.get(Room, room_id).kind == REMOVED
        assert [one.id for one in db.session.query(Message)] == [newest["id"]]
        assert not db.session.query(File).count()
        assert (
            db.session.query(SearchPosting).filter_by(term=WORD + b"aardvark").count()
        )
    assert ("Room", kept_id) in [(kind, one["id"]) for kind, one in heard()]
