"""Files are sent with a message, and go with it."""

import pytest
from uploading import send, sent, uploaded


@pytest.fixture
def file(client, ada):
    """Return a file that ada has uploaded."""
    return uploaded(client, b"hello", ada)


def test_a_message_has_its_files_everywhere(client, ada, file):
    other = uploaded(client, b"%PDF-1", ada, "b.pdf")
    message = sent(client, [other, file], ada, "see these")
    assert message["files"] == [other, file]
    assert client.get(message["_links"]["self"]).json["files"] == [other, file]
    for query in ("", "?after=0", "?before_id=99", "?updated_since=0"):
        (listed,) = client.get(f"/api/messages{query}").json["messages"]
        assert listed["files"] == [other, file]


def test_a_message_without_files_says_so(post):
    assert post()["files"] == []


@pytest.mark.parametrize("source", ["", " ", None])
def test_with_a_file_nothing_need_be_said(client, ada, file, source):
    body = {"source": source, "files": [file["id"]]}
    body = {name: value for name, value in body.items() if value is not None}
    answer = client.post("/api/messages", json=body, headers=ada)
    assert answer.status_code == 201
    assert answer.json["html"].strip() == ""
    assert answer.json["files"] == [file]


@pytest.mark.parametrize("files", [None, []])
def test_without_files_something_is_to_be_said(client, ada, files):
    for body in ({"source": " ", "files": files}, {"files": files}):
        answer = client.post("/api/messages", json=body, headers=ada)
        assert answer.status_code == 400
        assert "source" in answer.json["error"]


def test_the_text_beside_files_can_be_taken_away(client, ada, post, file):
    message = sent(client, [file], ada, "see this")
    url = message["_links"]["self"]
    assert client.put(url, json={"source": ""}, headers=ada).status_code == 204
    changed = client.get(url).json
    assert (changed["source"], changed["files"]) == ("", [file])
    url = post()["_links"]["self"]
    answer = client.put(url, json={"source": ""}, headers=ada)
    assert answer.status_code == 400
    assert answer.json["error"].startswith("source: ")


def test_a_file_is_in_one_message(client, ada, file):
    sent(client, [file], ada)
    answer = send(client, [file], ada, "again")
    assert answer.status_code == 400
    assert answer.json["error"].startswith("files: ")
    assert len(client.get("/api/messages").json["messages"]) == 1


def test_only_its_uploader_sends_a_file(client, bob, file):
    answer = send(client, [file], bob)
    assert answer.status_code == 400
    assert answer.json["error"].startswith("files: ")


@pytest.mark.parametrize("files", [[0], ["1"], [1.5], [True], {}, "1", [[1]], [7, 7]])
def test_what_is_no_list_of_files_is_named(client, ada, files):
    body = {"source": "x", "files": files}
    answer = client.post("/api/messages", json=body, headers=ada)
    assert answer.status_code == 400
    assert "files" in answer.json["error"]


@pytest.mark.parametrize("files", [[999], [2**40], list(range(1, 12))])
def test_files_that_are_not_there_are_named(client, ada, files):
    body = {"source": "x", "files": files}
    answer = client.post("/api/messages", json=body, headers=ada)
    assert answer.status_code == 400
    assert "files" in answer.json["error"]


def test_a_message_with_a_key_and_files_is_stored_once(client, ada, file):
    headers = ada | {"Idempotency-Key": "once"}
    first, second = (send(client, [file], headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json["id"] == first.json["id"]
    assert second.json["files"] == [file]
