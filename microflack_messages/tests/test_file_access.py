"""Who may upload and read which files."""

from chat import statements
from some_rooms import make_room
from uploading import sent, upload, uploaded

from microflack_common import database
from microflack_messages.files.models import File
from microflack_messages.models import RoomMember, db


def status(client, file, headers):
    """Return the status that asking for a file has; the error never differs."""
    answer = client.get(file["url"], headers=headers)
    if answer.status_code == 404:
        assert answer.json["error"] == "There is no such file."
    return answer.status_code


def test_until_it_is_sent_only_its_uploader_reads_it(client, ada, bob):
    file = uploaded(client, b"secret", ada)
    assert status(client, file, bob) == 404
    assert status(client, file, ada) == 200
    sent(client, [file], ada)
    assert status(client, file, bob) == 200


def test_a_file_needs_a_token_always(client, ada):
    file = uploaded(client, b"hello", ada)
    sent(client, [file], ada)
    assert client.get(file["url"]).status_code == 401
    assert client.get("/api/rooms/1/files/nonsense").status_code == 401
    assert upload(client, b"x", {}).status_code == 401


def test_a_file_of_a_private_room_is_for_its_members(app, client, ada, bob):
    room = make_room(app, "private", 1)
    file = uploaded(client, b"secret", ada, room=room)
    sent(client, [file], ada, room=room)
    assert status(client, file, ada) == 200
    assert status(client, file, bob) == 404
    # Nor by the way of a room that he may read.
    elsewhere = {"url": file["url"].replace(f"rooms/{room}/", "rooms/1/")}
    assert status(client, elsewhere, bob) == 404
    assert status(client, elsewhere, ada) == 404


def test_who_has_left_reads_not_even_his_own_files(app, client, ada):
    room = make_room(app, "private", 1)
    file = uploaded(client, b"secret", ada, room=room)
    with app.app_context():
        db.session.query(RoomMember).delete()
        db.session.commit()
    assert status(client, file, ada) == 404


def test_a_stranger_does_not_learn_whether_a_file_is_there(app, client, ada, bob):
    room = make_room(app, "private", 1)
    file = uploaded(client, b"secret", ada, room=room)
    sent(client, [file], ada, room=room)
    asked = []
    for url in (file["url"], file["url"][:-1] + "~"):
        with statements(app, database.autocommit(app)) as run:
            assert status(client, {"url": url}, bob) == 404
        asked.append(run)
    # On MariaDB the driver is asked about the room, so that this is not among them.
    assert asked[0] == asked[1]
    assert not any("files" in one for one in asked[0])


def test_only_who_is_in_a_room_uploads_to_it(app, client, bob):
    answer = upload(client, b"x", bob, room=make_room(app, "private", 1))
    assert answer.status_code == 404
    answer = upload(client, b"x", bob, room=make_room(app, "public", 1))
    assert answer.status_code == 403
    assert upload(client, b"x", bob, room=2**40).status_code == 404


def test_what_is_not_all_there_is_not_there(app, client, ada):
    file = uploaded(client, b"hello", ada)
    with app.app_context():
        db.session.query(File).update({"stored_at": None})
        db.session.commit()
    assert status(client, file, ada) == 404


def test_urls_cannot_be_guessed(client, ada):
    first, second = (uploaded(client, b"x", ada)["url"] for _ in range(2))
    keys = [url.rpartition("/")[2] for url in (first, second)]
    assert all(len(key) >= 22 for key in keys)
    assert keys[0] != keys[1]
    assert client.get(first.swapcase(), headers=ada).status_code == 404
