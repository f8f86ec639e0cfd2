"""Files pass through functions, as large as an event of Lambda may be."""

import io
import struct
import zlib

from gateway import MAX_EVENT_BYTES

# In base64 it takes a third more; the rest is for what a client says about it.
LARGEST = MAX_EVENT_BYTES * 3 // 4 - 16 * 1024


def upload(person, content, name):
    """Send a file to the room of everybody; return the answer."""
    files = {"file": (name, io.BytesIO(content))}
    return person.send("POST", "/api/rooms/1/files", check=False, files=files)


def png(width, height):
    """Return a picture, black all over."""

    def chunk(kind, data):
        size, check = len(data), zlib.crc32(kind + data)
        return struct.pack(">I4s", size, kind) + data + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1 + width) * height)
    chunks = chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def test_a_file_comes_back_as_it_was_whole_and_in_part(person):
    ada, bob = person("ada"), person("bob")
    content = bytes(range(256)) * (LARGEST // 256)
    answer = upload(ada, content, "data.bin")
    assert answer.status_code == 201, answer.text
    file = answer.json()
    body = {"source": "", "files": [file["id"]]}
    message = ada.send("POST", "/api/messages", json=body).json()
    assert message["files"] == [file]
    assert bob.send("GET", file["url"]).content == content
    part = bob.send("GET", file["url"], headers={"Range": "bytes=-3"})
    assert (part.status_code, part.content) == (206, content[-3:])


def test_a_picture_is_made_small_within_its_request(person):
    ada = person("ada")
    file = upload(ada, png(800, 400), "black.png").json()
    assert (file["width"], file["height"]) == (800, 400)
    small = ada.send("GET", f"{file['url']}/thumbnail")
    assert (small.content[:4], small.content[8:12]) == (b"RIFF", b"WEBP")


def test_what_is_larger_is_refused_before_any_function_has_it(person):
    answer = upload(person("ada"), bytes(MAX_EVENT_BYTES * 3 // 4), "data.bin")
    assert answer.status_code == 413
