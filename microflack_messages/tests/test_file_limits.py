"""How much of files one user may send, and how many go to and fro at a time."""

import pytest
from uploading import sent, upload, uploaded

from microflack_common.limits import RateLimit, TooMany
from microflack_messages.app import UPLOADS_AT_ONCE, UPLOADS_PER_SECOND
from microflack_messages.files.transfers import AT_A_TIME, OF_ONE_USER, Transfers


def test_a_user_who_uploads_too_much_has_to_wait(another, ada, bob):
    app = another(MF_LIMITS="on")
    counted = app.extensions["microflack_limits"]
    assert "uploads" in counted
    # On a busy machine they do not come faster than they are allowed to.
    limit = RateLimit("uploads", UPLOADS_PER_SECOND, UPLOADS_AT_ONCE, clock=lambda: 1e3)
    counted["uploads"] = limit
    client = app.test_client()
    for _ in range(UPLOADS_AT_ONCE):
        uploaded(client, b"x", ada)
    refused = upload(client, b"x", ada)
    assert refused.status_code == 429
    assert refused.json == {"error": "Too many uploads. Slow down."}
    assert upload(client, b"x", bob).status_code == 201


def test_the_files_of_one_user_have_an_end(another, ada, bob):
    client = another(MAX_FILES_BYTES_PER_USER="1000").test_client()
    file = uploaded(client, b"x" * 600, ada)
    message = sent(client, [file], ada)
    refused = upload(client, b"x" * 401, ada)
    assert refused.status_code == 413
    assert "1000 bytes" in refused.json["error"]
    assert upload(client, b"x" * 400, ada).status_code == 201
    assert upload(client, b"x" * 1000, bob).status_code == 201
    client.delete(f"/api/messages/{message['id']}", headers=ada)
    assert upload(client, b"x" * 600, ada).status_code == 201


def test_one_user_leaves_room_for_others():
    transfers = Transfers()
    ends = [transfers.begin(1) for _ in range(OF_ONE_USER)]
    with pytest.raises(TooMany):
        transfers.begin(1)
    ends += [transfers.begin(user) for user in range(2, 2 + AT_A_TIME - OF_ONE_USER)]
    with pytest.raises(TooMany):
        transfers.begin(99)
    for end in ends:
        end()
    transfers.begin(99)


def test_large_downloads_are_counted_until_they_end(app, client, ada):
    file = uploaded(client, b"x" * 2**20, ada)
    small = uploaded(client, b"x" * 2**18, ada)
    under_way = [
        client.get(file["url"], headers=ada, buffered=False) for _ in range(OF_ONE_USER)
    ]
    refused = client.get(file["url"], headers=ada)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "1"
    assert client.get(small["url"], headers=ada).status_code == 200
    assert client.head(file["url"], headers=ada).status_code == 200
    for answer in under_way:
        answer.close()
    assert client.get(file["url"], headers=ada).status_code == 200
