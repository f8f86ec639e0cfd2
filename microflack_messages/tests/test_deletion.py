"""Messages are deleted by their authors and by administrators; a trace stays."""

import threading

import pytest
from some_rooms import leave, make_room, say
from sqlalchemy import text

from microflack_messages.models import Room, db

SECRET = "the treasure is under the old oak"
EMPTIED = {"source": "", "html": "", "mentions": [], "reactions": [], "deleted": True}


@pytest.fixture
def admin(app, bob):
    """Return the headers of bob, who is an administrator for this test."""
    rights = app.extensions["microflack_revocations"].rights
    rights.write(2, admin=True, deactivated=False)
    yield bob
    rights.write(2, admin=False, deactivated=False)


def test_the_trace_of_a_deleted_message_stays(client, ada, post):
    message = post(SECRET)
    url = message["_links"]["self"]
    answer = client.delete(url, headers=ada)
    assert (answer.status_code, answer.data) == (204, b"")
    trace = client.get(url)
    assert trace.status_code == 200
    assert trace.json == message | EMPTIED | {
        "change": message["change"] + 1,
        "updated_at": trace.json["updated_at"],
    }
    assert trace.json["updated_at"] >= message["updated_at"]


def test_a_deletion_is_news_in_every_list(client, ada, post):
    message = post(SECRET)
    client.delete(message["_links"]["self"], headers=ada)
    after = f"after={message['change']}"
    for query in ("", "updated_since=0", "before_id=1000", after, "around=1"):
        (listed,) = client.get(f"/api/messages?{query}").json["messages"]
        assert listed["deleted"] is True
        assert SECRET not in str(listed)


def test_deleting_again_takes_no_number(client, ada, post, last):
    url = post()["_links"]["self"]
    client.delete(url, headers=ada)
    before = last()
    assert client.delete(url, headers=ada).status_code == 204
    assert last() == before


def test_a_deleted_message_takes_no_text_and_no_reaction(client, ada, post, last):
    url = post()["_links"]["self"]
    client.delete(url, headers=ada)
    before = last()
    for answer in (
        client.put(url, json={"source": "again"}, headers=ada),
        client.put(f"{url}/reactions/👍", headers=ada),
        client.delete(f"{url}/reactions/👍", headers=ada),
    ):
        assert answer.status_code == 404
        assert answer.json["error"].startswith("There is no message")
    assert last() == before
    assert client.get(url).json["source"] == ""


def test_another_user_deletes_nothing(client, bob, post):
    message = post()
    answer = client.delete(message["_links"]["self"], headers=bob)
    assert answer.status_code == 403
    assert client.delete(message["_links"]["self"]).status_code == 401
    assert client.get(message["_links"]["self"]).json == message


def test_an_administrator_deletes_what_he_may_read(client, admin, post, caplog):
    caplog.set_level("INFO", "microflack.audit")
    url = post()["_links"]["self"]
    assert client.put(url, json={"source": "x"}, headers=admin).status_code == 403
    assert client.delete(url, headers=admin).status_code == 204
    assert client.get(url).json["deleted"] is True
    (record,) = [one for one in caplog.records if one.name == "microflack.audit"]
    assert (record.event, record.user, record.by) == ("message_deletion", 1, 2)


def test_an_administrator_sees_nothing_private(app, client, ada, admin):
    url = say(client, ada, make_room(app, "private", 1))["_links"]["self"]
    assert client.delete(url, headers=admin).status_code == 404
    assert client.get(url, headers=ada).json["deleted"] is False


def test_who_has_left_a_public_room_can_delete_there(app, client, ada):
    room = make_room(app, "public", 1)
    url = say(client, ada, room)["_links"]["self"]
    leave(app, room, 1)
    assert client.put(url, json={"source": "x"}, headers=ada).status_code == 403
    assert client.delete(url, headers=ada).status_code == 204


def test_of_an_archived_room_things_are_only_taken_away(app, client, ada):
    room = make_room(app, "private", 1)
    url = say(client, ada, room)["_links"]["self"]
    client.put(f"{url}/reactions/👍", headers=ada)
    with app.app_context():
        db.session.query(Room).filter_by(id=room).update({"archived": True})
        db.session.commit()
    for path, body in ((url, {"source": "x"}), (f"{url}/reactions/🎉", None)):
        answer = client.put(path, json=body, headers=ada)
        assert answer.status_code == 403
        assert "archived" in answer.json["error"]
    assert client.delete(f"{url}/reactions/👍", headers=ada).status_code == 204
    assert client.get(url, headers=ada).json["reactions"] == []
    assert client.delete(url, headers=ada).status_code == 204


@pytest.mark.parametrize("message_id", ["0", 2**31, "9" * 30, "x"])
def test_what_is_not_there_is_not_deleted(client, ada, message_id):
    answer = client.delete(f"/api/messages/{message_id}", headers=ada)
    assert answer.status_code == 404
    assert answer.json["error"]


def test_many_deletions_at_once_take_one_number(app, client, ada, post, last):
    url, before = post()["_links"]["self"], last()
    answers = []
    begin = threading.Barrier(8)

    def delete():
        begin.wait(60)
        answers.append(app.test_client().delete(url, headers=ada).status_code)

    threads = [threading.Thread(target=delete) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert answers == [204] * 8
    assert last() == before + 1


def test_a_key_of_a_deleted_message_answers_with_the_trace(client, ada):
    headers = ada | {"Idempotency-Key": "once"}
    first = client.post("/api/messages", json={"source": SECRET}, headers=headers)
    client.delete(first.json["_links"]["self"], headers=ada)
    again = client.post("/api/messages", json={"source": SECRET}, headers=headers)
    assert again.status_code == 200
    assert (again.json["id"], again.json["deleted"]) == (first.json["id"], True)
    assert again.json["source"] == ""


def test_cards_of_a_deleted_message_come_too_late(app, client, ada, post, web):
    hold = threading.Event()

    def slow():
        assert hold.wait(60)
        yield f"<title>{SECRET}</title>".encode()

    url = post(web.page("/page", slow))["_links"]["self"]
    client.delete(url, headers=ada)
    hold.set()
    worker = app.extensions["microflack_card_worker"]
    assert worker._worker.flush(60)
    trace = client.get(url).json
    assert (trace["html"], trace["deleted"]) == ("", True)


def test_what_an_older_release_writes_into_a_deleted_message_is_not_shown(
    app, client, ada, post
):
    message = post()
    client.delete(message["_links"]["self"], headers=ada)
    with app.app_context():
        written = "UPDATE messages SET source = :text, html = :text"
        db.session.execute(text(written), {"text": SECRET})
        db.session.commit()
    assert SECRET not in client.get(message["_links"]["self"]).text


def test_an_edit_says_when_it_was(client, ada, post):
    message = post("old")
    assert message["edited_at"] is None
    url = message["_links"]["self"]
    client.put(url, json={"source": "new"}, headers=ada)
    edited = client.get(url).json
    assert edited["edited_at"] == edited["updated_at"] >= message["created_at"]
    client.put(f"{url}/reactions/👍", headers=ada)
    assert client.get(url).json["edited_at"] == edited["edited_at"]
