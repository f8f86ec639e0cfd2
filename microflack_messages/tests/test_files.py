"""A file is uploaded, and comes back as it was."""

import io

import pytest
from pictures import opened, picture
from uploading import upload, uploaded

from microflack_messages.files import names
from microflack_messages.files.database_store import CHUNK_BYTES
from microflack_messages.files.receive import MAX_BYTES

# Not the same at any two places.
LARGE = b"".join(
    number.to_bytes(4, "big") for number in range(3 * CHUNK_BYTES // 4 + 7)
)


def test_a_file_comes_back_as_it_was(client, ada):
    answer = upload(client, b"hello", ada, "notes.txt")
    assert answer.status_code == 201
    file = answer.json
    assert answer.headers["Location"] == file["url"]
    assert (
        file.items() >= {"name": "notes.txt", "type": "text/plain", "size": 5}.items()
    )
    assert file.keys() == {"id", "name", "type", "size", "url"}
    answer = client.get(file["url"], headers=ada)
    assert (answer.status_code, answer.data) == (200, b"hello")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    disposition = answer.headers["Content-Disposition"]
    assert disposition == 'attachment; filename="notes.txt"'


def test_a_file_of_many_chunks_comes_back_as_it_was(client, ada):
    file = uploaded(client, LARGE, ada)
    answer = client.get(file["url"], headers=ada, buffered=True)
    assert answer.content_length == len(LARGE)
    assert answer.data == LARGE


@pytest.mark.parametrize(
    ("wanted", "begin", "end"),
    [
        ("0-0", 0, 1),
        ("-7", len(LARGE) - 7, len(LARGE)),
        (f"{CHUNK_BYTES - 2}-{CHUNK_BYTES + 1}", CHUNK_BYTES - 2, CHUNK_BYTES + 2),
        (f"{2 * CHUNK_BYTES}-", 2 * CHUNK_BYTES, len(LARGE)),
    ],
)
def test_a_range_of_it_can_be_had(client, ada, wanted, begin, end):
    file = uploaded(client, LARGE, ada)
    answer = client.get(file["url"], headers=ada | {"Range": f"bytes={wanted}"})
    assert answer.status_code == 206
    assert answer.data == LARGE[begin:end]
    assert answer.headers["Content-Range"] == f"bytes {begin}-{end - 1}/{len(LARGE)}"


def test_a_range_that_it_has_not_is_refused(client, ada):
    file = uploaded(client, b"hello", ada)
    answer = client.get(file["url"], headers=ada | {"Range": "bytes=9-"})
    assert answer.status_code == 416
    assert answer.is_json
    assert answer.headers["Content-Range"] == "bytes */5"


def test_who_has_it_is_not_sent_it_again(client, ada):
    file = uploaded(client, LARGE, ada)
    answer = client.head(file["url"], headers=ada)
    assert (answer.status_code, answer.content_length) == (200, len(LARGE))
    assert answer.headers["Cache-Control"] == "private, no-cache"
    known = ada | {"If-None-Match": answer.headers["ETag"]}
    answer = client.get(file["url"], headers=known)
    assert (answer.status_code, answer.data) == (304, b"")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("/etc/passwd", "passwd"),
        ("../../a b.txt", "a b.txt"),
        ("C:\\dir\\x.txt", "x.txt"),
        ("tab\there\x1b[2J.txt", "tabhere[2J.txt"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("dir/", "file"),
        ("..", "file"),
        ("\u200b", "file"),
        ("日本語.txt", "日本語.txt"),
        ("x" * 300 + ".jpeg", "x" * 250 + ".jpeg"),
        ("x" * 300, "x" * 255),
        ('quo"te.txt', 'quo"te.txt'),
    ],
)
def test_names_are_cleaned(name, kept):
    assert names.clean(name) == kept


def test_a_name_of_another_script_comes_back(client, ada):
    file = uploaded(client, b"x", ada, "日本 ö.txt")
    assert file["name"] == "日本 ö.txt"
    disposition = client.get(file["url"], headers=ada).headers["Content-Disposition"]
    assert disposition == (
        'attachment; filename=" o.txt"; '
        "filename*=UTF-8''%E6%97%A5%E6%9C%AC%20%C3%B6.txt"
    )


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<script>alert(1)</script>", "text/plain"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "text/plain"),
        (b"%PDF-1.7", "application/pdf"),
        (b"PK\x03\x04", "application/zip"),
        (b"\x00\x01", "application/octet-stream"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00mp42mp41", "video/mp4"),
    ],
)
def test_what_it_is_tells_its_content(client, ada, content, kind):
    file = uploaded(client, content, ada, "picture.png")
    assert file["type"] == kind
    answer = client.get(file["url"], headers=ada)
    assert answer.headers["Content-Type"].partition(";")[0] == kind
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.data == content


@pytest.mark.parametrize("content", [b"", b"x" * (MAX_BYTES + 1)])
def test_nothing_and_too_much_are_refused(client, ada, content):
    answer = upload(client, content, ada)
    assert answer.status_code == (413 if content else 400)
    assert "file" in answer.json["error"]


def test_the_largest_file_is_taken(client, ada):
    content = b"x" * MAX_BYTES
    file = uploaded(client, content, ada)
    assert file["size"] == MAX_BYTES
    answer = client.get(file["url"], headers=ada, buffered=True)
    assert answer.data == content


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"file": "text only"},
        {"other": (io.BytesIO(b"x"), "x.txt")},
        {"file": [(io.BytesIO(b"x"), "x.txt"), (io.BytesIO(b"y"), "y.txt")]},
    ],
)
def test_what_is_not_one_file_is_named(client, ada, data):
    answer = client.post(
        "/api/rooms/1/files",
        data=data,
        headers=ada,
        content_type="multipart/form-data",
    )
    assert answer.status_code == 400
    assert answer.json["error"].startswith("file: ")


def test_a_body_that_is_no_form_is_refused(client, ada):
    answer = client.post("/api/rooms/1/files", json={"file": "x"}, headers=ada)
    assert answer.status_code == 415
    assert "multipart/form-data" in answer.json["error"]


def test_other_bodies_stay_small(client, ada):
    for path, method in (
        ("/api/messages", client.post),
        ("/api/messages/1", client.put),
    ):
        answer = method(path, json={"source": "x" * 2**20}, headers=ada)
        assert answer.status_code == 413


def test_a_picture_is_shown_and_has_a_small_one(client, ada):
    content = picture("PNG", (1600, 400))
    file = uploaded(client, content, ada, "wide.bin")
    shown = {"type": "image/png", "width": 1600, "height": 400, "size": len(content)}
    assert file.items() >= shown.items()
    answer = client.get(file["url"], headers=ada)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"] == 'inline; filename="wide.bin"'
    small = client.get(file["thumbnail_url"], headers=ada)
    assert small.headers["Content-Type"] == "image/webp"
    assert opened(small.data).size == (640, 160)
