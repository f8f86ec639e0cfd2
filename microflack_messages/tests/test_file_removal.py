"""What nobody sent is removed, and what went with its message."""

import pytest
from uploading import send, sent, uploaded

from microflack_messages import purge
from microflack_messages.files import removal
from microflack_messages.files.models import File, FileChunk
from microflack_messages.files.receive import UNSENT_SECONDS
from microflack_messages.models import Message, db, now


@pytest.fixture
def age(app):
    """Return a function that makes all files so many seconds older."""

    def age(seconds):
        with app.app_context():
            for file in db.session.query(File).filter(File.expires_at.is_not(None)):
                file.expires_at -= seconds
            db.session.commit()

    return age


@pytest.fixture
def kept(app):
    """Return a function that removes what is to be; it tells what is left."""

    def kept():
        removal.remove(app)
        with app.app_context():
            return tuple(db.session.query(one).count() for one in (File, FileChunk))

    return kept


def test_what_nobody_sends_is_removed_after_a_day(client, ada, age, kept):
    uploaded(client, b"hello", ada)
    age(UNSENT_SECONDS - 10)
    assert kept() == (1, 1)
    age(removal.GRACE_SECONDS + 11)
    assert kept() == (0, 0)


def test_what_is_about_to_be_removed_cannot_be_sent(client, ada, age):
    file = uploaded(client, b"hello", ada)
    age(UNSENT_SECONDS + 1)
    assert client.get(file["url"], headers=ada).status_code == 404
    assert send(client, [file], ada, "x").status_code == 400


def test_what_was_sent_stays(client, ada, age, kept):
    file = uploaded(client, b"hello", ada)
    sent(client, [file], ada)
    age(10 * UNSENT_SECONDS)
    assert kept() == (1, 1)
    assert client.get(file["url"], headers=ada).data == b"hello"


def test_what_was_begun_and_never_ended_is_removed(app, client, ada, age, kept):
    uploaded(client, b"hello", ada)
    with app.app_context():
        db.session.query(File).update({"stored_at": None, "expires_at": now() + 3600})
        db.session.commit()
    assert kept() == (1, 1)
    age(3600 + removal.GRACE_SECONDS + 1)
    assert kept() == (0, 0)


def test_a_file_goes_with_its_message(client, ada, age, kept):
    file, other = uploaded(client, b"hello", ada), uploaded(client, b"other", ada)
    message = sent(client, [file], ada)
    sent(client, [other], ada)
    url = message["_links"]["self"]
    assert client.delete(url, headers=ada).status_code == 204
    assert client.get(url).json["files"] == []
    assert client.get(file["url"], headers=ada).status_code == 404
    assert client.get(other["url"], headers=ada).status_code == 200
    age(removal.GRACE_SECONDS + 1)
    assert kept() == (1, 1)


def test_files_go_with_their_room(app, client, ada, age, kept):
    body = {"name": "den", "kind": "private"}
    room = client.post("/api/rooms", json=body, headers=ada).json["id"]
    file, unsent = (uploaded(client, b"hello", ada, room=room) for _ in range(2))
    sent(client, [file], ada, room=room)
    uploaded(client, b"elsewhere", ada)
    assert client.delete(f"/api/rooms/{room}", headers=ada).status_code == 204
    assert client.get(unsent["url"], headers=ada).status_code == 404
    assert kept() == (3, 3)
    age(removal.GRACE_SECONDS + 1)
    assert kept() == (1, 1)
    with app.app_context():
        purge.remove_all()
        # What is left of the newest message does not tell what its files were.
        query = db.select(Message.source, Message.files).filter_by(room_id=room)
        assert [tuple(row) for row in db.session.execute(query)] == [("", None)]


def test_a_store_that_is_not_known_any_more_holds_up_nothing(app, client, ada, age):
    for content in (b"lost", b"hello"):
        uploaded(client, content, ada)
    with app.app_context():
        first = db.session.query(File).order_by(File.id).first()
        first.store = "s3"
        db.session.commit()
    age(UNSENT_SECONDS + removal.GRACE_SECONDS + 1)
    with pytest.raises(Exception, match="FILES_STORE"):
        removal.remove(app)
    with app.app_context():
        assert [one.store for one in db.session.query(File)] == ["s3"]
