"""A connection sends an answer in one piece, and all of it."""

import socket
import tempfile
import threading

import pytest

from microflack_common import deadlines
from microflack_common.deadlines import DeadlineSocket


@pytest.fixture
def ends():
    """Return a connection with deadlines, and its client's end."""
    server, client = socket.socketpair()
    server.setblocking(False)
    taken = DeadlineSocket.take_over(server)
    client.settimeout(30)
    with taken, client:
        yield taken, client


def waiting(client):
    """Return what has arrived."""
    client.setblocking(False)
    try:
        return client.recv(65536)
    except BlockingIOError:
        return b""
    finally:
        client.settimeout(30)


def test_a_head_waits_for_its_body(ends):
    server, client = ends
    server.hold_head()
    server.sendall(b"head ")
    assert waiting(client) == b""
    server.sendall(b"body")
    assert waiting(client) == b"head body"
    server.sendall(b"more")
    assert waiting(client) == b"more"


def test_a_head_without_a_body_is_sent_in_the_end(ends):
    server, client = ends
    server.hold_head()
    server.sendall(b"head")
    server.flush()
    server.flush()
    assert waiting(client) == b"head"


def test_a_head_comes_before_a_file(ends):
    server, client = ends
    server.hold_head()
    server.sendall(b"head ")
    with tempfile.TemporaryFile() as file:
        file.write(b"file")
        file.seek(0)
        server.sendfile(file)
    assert waiting(client) == b"head file"


def test_what_has_no_room_at_once_is_sent_all_the_same(ends):
    server, client = ends
    data, received = bytes(range(256)) * 20_000, bytearray()

    def read():
        while len(received) < len(data) + 4:
            received.extend(client.recv(65536))

    reader = threading.Thread(target=read)
    server.hold_head()
    server.sendall(b"head")
    reader.start()
    server.sendall(data)
    reader.join()
    assert received == b"head" + data


def test_who_reads_nothing_is_given_up(ends, monkeypatch):
    server, _client = ends
    monkeypatch.setattr(deadlines, "ANSWER_SECONDS", 0.1)
    with pytest.raises(TimeoutError):
        server.sendall(b"x" * 20_000_000)


def test_a_worker_cannot_make_it_impatient(ends):
    server, client = ends
    server.setblocking(False)
    threading.Timer(0.1, client.sendall, [b"late"]).start()
    assert server.recv(10) == b"late"
