"""Files, through the load balancer and as the real database keeps them."""

import io
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

MAX_BYTES = 26_214_400


def upload(person, content, name="data.bin"):
    """Send a file to the room of everybody; return the answer."""
    files = {"file": (name, io.BytesIO(content))}
    path = "/api/rooms/1/files"
    return person.send("POST", path, check=False, files=files, timeout=120)


def answered_while_sending(platform, path, headers):
    """Begin to send the largest body; return the status that comes before its end."""
    url = urlsplit(platform.url)
    connection = HTTPConnection(url.hostname, url.port, timeout=60)
    with closing(connection):
        connection.putrequest("POST", path)
        for name, value in (headers | {"Content-Length": str(MAX_BYTES)}).items():
            connection.putheader(name, value)
        # The load balancer asks nobody before its buffer is full.
        connection.endheaders(bytes(128 * 1024))
        return connection.getresponse().status


def test_the_largest_file_comes_back_as_it_was(person):
    ada, bob = person("ada"), person("bob")
    # Every byte that a statement has to escape is in it.
    content = bytes(range(256)) * (MAX_BYTES // 256)
    answer = upload(ada, content)
    assert answer.status_code == 201, answer.text
    file = answer.json()
    body = {"source": "", "files": [file["id"]]}
    message = ada.send("POST", "/api/messages", json=body).json()
    assert message["files"] == [file]
    found = bob.send("GET", file["url"])
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert found.content == content
    part = bob.send("GET", file["url"], headers={"Range": "bytes=-3"})
    assert (part.status_code, part.content) == (206, content[-3:])


def test_one_byte_more_is_refused_and_so_is_much_at_another_path(platform, person):
    ada = person("ada")
    answer = upload(ada, bytes(MAX_BYTES + 1))
    assert answer.status_code == 413
    assert answer.json()["error"].startswith("file: ")
    token = ada.session.headers["Authorization"]
    headers = {"Content-Type": "application/json", "Authorization": token}
    assert answered_while_sending(platform, "/api/messages", headers) == 413


def test_who_has_no_token_is_told_so_while_sending(platform):
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert answered_while_sending(platform, "/api/rooms/1/files", headers) == 401
