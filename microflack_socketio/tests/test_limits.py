"""What a client may do, and that it hurts nobody else: on real sockets."""

import threading
import time

import pytest
import requests
from instances import handshake, masked, publish, wait_until

from microflack_socketio import limits


def still_works(redis, client):
    """Assert that events reach a client within a second."""
    for number in range(5):
        publish(redis, {"id": number})
        assert client.next(timeout=1)["model"]["id"] == number


@pytest.mark.parametrize(
    "frame",
    [
        masked(b'42["ping_user","x"]'),
        masked(b"", opcode=9),
        masked(b"3"),
        masked(b"4", final=False) + masked(b"", opcode=0, final=False) * 3,
    ],
    ids=["events", "pings", "pongs", "fragments"],
)
def test_who_sends_a_thousand_frames_a_second_is_disconnected_and_hurts_nobody(
    redis, connect, raw, frame
):
    other, flooder = connect(), raw().join()

    def flood():
        try:
            while True:
                flooder.socket.sendall(frame * 10)
        except OSError:
            return

    flooding = threading.Thread(target=flood)
    flooding.start()
    still_works(redis, other)
    flooding.join(timeout=20)
    assert not flooding.is_alive(), "it was not disconnected"
    still_works(redis, other)


def test_who_polls_and_sends_too_much_is_disconnected(redis, connect, instance):
    other = connect()
    answer = handshake(instance.address).body.decode()
    sid = answer.split('"sid":"')[1].split('"')[0]
    url = f"{instance.url}/socket.io/?EIO=4&transport=polling&sid={sid}"
    body = "\x1e".join(['42["ping_user","x"]'] * 16)
    answers = []

    def flood():
        with requests.Session() as session:
            answers.append(session.post(url, "40", timeout=30))
            while answers[-1].status_code == 200:
                answers.append(session.post(url, body, timeout=30))

    flooding = threading.Thread(target=flood)
    began = time.monotonic()
    flooding.start()
    still_works(redis, other)
    flooding.join(timeout=60)
    seconds = time.monotonic() - began
    assert not flooding.is_alive(), "it was not cut off"
    still_works(redis, other)
    assert answers[-1].status_code == 429
    assert answers[-1].json()["error"]
    taken = 16 * len(answers[1:-1])
    # However long a busy machine has made of it, a packet counts for its time only.
    allowed = limits.BURST_PACKETS + limits.MAX_SLOWED_PACKETS
    assert taken <= allowed + limits.PACKETS_PER_SECOND * seconds


def test_who_never_reads_is_disconnected_and_hurts_nobody(
    redis, instance, connect, raw
):
    other, deaf = connect(), raw(receive_buffer=4096).join()
    big = {"id": 0, "html": "x" * 20_000}
    for number in range(limits.MAX_WAITING_PACKETS + 20):
        publish(redis, big | {"id": number})
        assert other.next(timeout=1)["model"]["id"] == number
    wait_until(lambda: "does not read" in instance.log())
    assert deaf.is_disconnected()
    still_works(redis, other)


def test_who_reads_late_gets_everything_in_order(redis, connect, raw):
    other, late = connect(), raw(receive_buffer=4096).join()
    big = {"html": "x" * 20_000}
    for number in range(50):
        publish(redis, big | {"id": number})
    received = b""
    while received.count(b"updated_model") < 50 or not received.endswith(b"49}}]"):
        received += late.socket.recv(65536)
    places = [received.index(f'"id":{number}}}'.encode()) for number in range(50)]
    assert places == sorted(places)
    other.next()


BAD_FRAMES = [
    masked(b""), masked(b"nonsense"), masked(b"9"), masked(b"4"), masked(b"4["),
    masked(b"4" + b"[" * 5000), masked(b"42" + b"[" * 50_000), masked(b"42{}"),
    masked(b"42[]"), masked(b'42[[],1]'), masked(b'42["ping_user"'), masked(b"42"),
    masked(b"44"), masked(b"451-[]"), masked(b"b4AAA"), masked(b"2hello"),
    masked(b"\xff\xfe"), masked(b"42[1]", opcode=2), masked(b"x", opcode=3),
    masked(b"", opcode=8), masked(b"\x00", opcode=8), masked(b"x" * 200, opcode=9),
    masked(b"42" + b"x" * limits.MAX_PACKET_BYTES), b"GET / HTTP/1.1\r\n\r\n",
    bytes([0x81, 0x02]) + b"42",
]  # fmt: skip


@pytest.mark.parametrize("frame", BAD_FRAMES, ids=range(len(BAD_FRAMES)))
def test_what_is_no_socketio_ends_the_connection_without_a_trace(
    redis, connect, raw, frame
):
    client = raw().join()
    client.socket.sendall(frame)
    assert client.is_disconnected()


def test_a_message_that_is_split_arrives_whole(services, raw, token):
    client = raw().join()
    text = f'42["ping_user","{token(31)}"]'.encode()
    client.send(text[:10], final=False)
    client.send(b"", opcode=9)
    client.send(text[10:], opcode=0)
    wait_until(lambda: services.of(31, "PUT"))


def test_nothing_is_compressed_for_each_client_on_its_own(raw):
    assert b"permessage-deflate" not in raw().head


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/socket.io/", {}, 400),
        ("/socket.io/?EIO=3&transport=polling", {}, 400),
        ("/socket.io/?EIO=4&transport=polling&sid=nobody", {}, 400),
        ("/socket.io/?EIO=4&transport=polling&j=1", {}, 400),
        ("/socket.io/?EIO=4&transport=websocket", {}, 400),
        ("/socket.io/?EIO=4&transport=websocket", {"Upgrade": "websocket"}, 426),
        ("/socket.io/?EIO=4&transport=polling", {"Origin": "http://evil"}, 400),
        ("/socket.io", {}, 404),
        ("/elsewhere", {}, 404),
    ],
)
def test_every_refusal_is_a_json_sentence(instance, path, headers, status):
    url = f"{instance.url}{path}"
    answer = requests.get(url, headers=headers, timeout=10)
    assert answer.status_code == status
    assert answer.json()["error"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_method_that_is_not_offered_is_refused_in_json(instance, method):
    url = f"{instance.url}/socket.io/?EIO=4&transport=polling"
    answer = requests.request(method, url, timeout=10)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, POST, OPTIONS"
    assert answer.json()["error"]


@pytest.mark.parametrize("body", [b"\xff", b"x", b"42[" * 9, b"", b"40\x1e" * 20])
def test_a_poll_with_malformed_packets_is_refused(instance, body):
    answer = handshake(instance.address).body.decode()
    sid = answer.split('"sid":"')[1].split('"')[0]
    url = f"{instance.url}/socket.io/?EIO=4&transport=polling&sid={sid}"
    assert requests.post(url, "40", timeout=10).status_code == 200
    answer = requests.post(url, body, timeout=10)
    assert answer.status_code == 400 or body == b"42[" * 9
    if answer.status_code == 400:
        assert answer.json()["error"]


def test_a_poll_that_is_too_large_is_refused(instance):
    url = f"{instance.url}/socket.io/?EIO=4&transport=polling&sid=x"
    answer = requests.post(url, b"4" * (limits.MAX_PACKET_BYTES + 1), timeout=10)
    assert answer.status_code == 413
    assert answer.json()["error"]


def test_pages_of_the_same_origin_may_connect(instance):
    headers = {"Origin": instance.url}
    assert handshake(instance.address, headers).status == 200
