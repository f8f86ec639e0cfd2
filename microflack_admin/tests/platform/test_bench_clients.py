"""What the clients of mfbench send and make of what they receive, without a server."""

import json

import pytest

from mftools.bench.delivery_log import DeliveryLog
from mftools.bench.fill_table import copied_values
from mftools.bench.http_client import Answer, Connection
from mftools.bench.listener import frame, frames
from mftools.bench.peers.heard import Heard
from mftools.bench.presence_log import PresenceLog
from mftools.bench.received_messages import ReceivedMessages
from mftools.bench.reconciliation import out_of_order, reconcile
from mftools.bench.users import origin, text


def server_frame(payload: bytes, opcode: int = 1) -> bytes:
    """Return a frame as servers send it, with a length of one to eight bytes."""
    size = len(payload)
    if size < 126:
        length = bytes([size])
    elif size < 65536:
        length = b"\x7e" + size.to_bytes(2, "big")
    else:
        length = b"\x7f" + size.to_bytes(8, "big")
    return bytes([128 | opcode]) + length + payload


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 70000])
def test_frames_are_cut_out_of_what_was_received(size: int) -> None:
    payload = b"x" * size
    data = server_frame(payload) + server_frame(b"", 8) + server_frame(b"42")[:2]
    assert frames(data) == ([(1, payload), (8, b"")], server_frame(b"42")[:2])


def test_frames_that_arrive_byte_by_byte_are_put_together() -> None:
    data = server_frame(b"2") + server_frame(b"y" * 300)
    found, rest = [], b""
    for at in range(len(data)):
        whole, rest = frames(rest + data[at : at + 1])
        found += whole
    assert (found, rest) == ([(1, b"2"), (1, b"y" * 300)], b"")


def test_a_frame_in_parts_is_refused() -> None:
    with pytest.raises(ValueError, match="several parts"):
        frames(b"\x01\x01x")


@pytest.mark.parametrize("size", [0, 125, 126, 1000])
def test_what_clients_send_is_masked(size: int) -> None:
    sent = frame(b"z" * size)
    assert sent[0] == 129
    assert sent[1] & 128
    assert sent.endswith(bytes(4) + b"z" * size)


def event(message: int, text: str = "", kind: str = "Message") -> bytes:
    """Return an event as a client receives it."""
    model = {"class": kind, "model": {"id": message, "source": text}}
    return b"42" + json.dumps(["updated_model", model]).encode()


def test_everybody_heard_everything_once() -> None:
    log = DeliveryLog(2)
    for client in (0, 1):
        log.record(client, event(7))
        log.record(client, event(7, "with cards"))
        log.record(client, event(3, kind="User"))
    assert log.is_complete([7])
    delivery = log.delivery({7: 0.0})
    assert (delivery.lost, delivery.doubled, delivery.posted) == (0, 0, 1)
    assert delivery.p99_ms > 0


def test_lost_and_doubled_events_are_counted() -> None:
    log = DeliveryLog(3)
    for client in (0, 1, 1, 1):
        log.record(client, event(7))
    log.record(0, event(8))
    assert not log.is_complete([7])
    delivery = log.delivery({7: 0.0, 9: 0.0})
    assert (delivery.lost, delivery.doubled) == (1 + 3, 2)
    assert delivery.p99_ms == float("inf")


def test_events_about_one_person_in_one_second_are_counted() -> None:
    log = PresenceLog()
    for person, moment in ((1, 10), (1, 10), (2, 10), (1, 11)):
        model = {"id": person, "updated_at": moment}
        told = ["updated_model", {"class": "User", "model": model}]
        log.record(b"42" + json.dumps(told).encode())
    log.record(event(7))
    everything, most = log.rows("storm", 2.0)
    assert everything.spread.middle == 4
    assert everything.note == "2 a second; about messages 1"
    assert (most.spread.middle, most.reached) == (2, False)


def test_a_text_takes_as_long_as_until_the_last_hears_it() -> None:
    heard = Heard(2)
    for listener, said in ((0, "to all"), (0, "to one"), (1, "to all")):
        heard.record(listener, said)
    posted = {"to all": 0.0, "to one": 0.0, "to nobody": 0.0}
    assert len(heard.seconds(posted)) == 1
    assert heard.missing(posted) == 1 + 2


def test_an_event_that_repeats_after_others_is_doubled() -> None:
    log = DeliveryLog(1)
    for message in (1, 2, 1):
        log.record(0, event(message))
    assert log.delivery({1: 0.0, 2: 0.0}).doubled == 1


def test_a_copied_row_differs_where_it_has_to() -> None:
    columns = [
        ["id", "1", "0", "1"],
        ["nickname", "0", "1", "0"],
        ["nickname_key", "0", "1", "1"],
        ["number", "0", "0", "1"],
        ["created_at", "0", "0", "0"],
    ]
    values = copied_values(columns)
    assert "id" not in values
    assert values["nickname_key"] == "CONCAT(r.`nickname_key`, '-', n.seq)"
    assert "BINARY r.`nickname` = BINARY r.`nickname_key`" in values["nickname"]
    assert values["number"] == "r.`number` + n.seq"
    assert values["created_at"] == "r.`created_at`"


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_answers_are_put_together_from_pieces(size: int) -> None:
    answers: list[Answer] = []
    connection = Connection(lambda _connection, answer: answers.append(answer))
    data = b"HTTP/1.1 201 CREATED\r\nServer: x\r\ncontent-length: 5\r\n\r\nhello"
    for at in range(0, len(data), size):
        connection.data_received(data[at : at + size])
    connection.data_received(b"HTTP/1.1 204 NO CONTENT\r\nServer: x\r\n\r\n")
    assert [(one.status, one.body) for one in answers] == [(201, b"hello"), (204, b"")]


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_an_answer_that_is_still_to_come_is_waited_for(size: int) -> None:
    answers: list[Answer] = []
    connection = Connection(lambda _connection, answer: answers.append(answer))
    data = b"HTTP/1.1 100 Continue\r\n\r\n" * 2
    data += b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    for at in range(0, len(data), size):
        connection.data_received(data[at : at + size])
    assert [(one.status, one.body) for one in answers] == [(200, b"hello")]


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_answers_in_chunks_are_put_together(size: int) -> None:
    answers: list[Answer] = []
    connection = Connection(lambda _connection, answer: answers.append(answer))
    data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    data += b"3\r\nhel\r\nA\r\nlo, people\r\n0\r\n\r\n"
    for at in range(0, len(data), size):
        connection.data_received(data[at : at + size])
    assert [(one.status, one.body) for one in answers] == [(200, b"hello, people")]


@pytest.mark.parametrize(
    ("arrived", "count"),
    [
        ([], 0),
        ([(1, 1), (2, 1), (1, 2), (2, 2)], 0),
        ([(1, 2), (1, 1)], 1),
        ([(1, 3), (1, 1), (1, 2), (1, 4)], 2),
        ([(1, 5), (2, 1)], 0),
    ],
)
def test_an_authors_messages_have_an_order(
    arrived: list[tuple[int, int]], count: int
) -> None:
    assert out_of_order(arrived) == count


def received(*messages: tuple[int, str], repeated: int = 0) -> ReceivedMessages:
    """Return what a client has that got these messages (id, text) in this order."""
    found = ReceivedMessages(repeated=repeated)
    for number, source in messages:
        found.merge({"id": number, "source": source, "updated_at": 1})
    return found


FIRST, SECOND = (7, text(1, 1)), (8, text(1, 2))


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        (received(FIRST, SECOND), (2, 0, 0, 0)),
        (received(FIRST, SECOND, (3, "of somebody else")), (2, 0, 0, 0)),
        (received(FIRST), (1, 1, 0, 0)),
        (received(FIRST, (8, "another text")), (1, 1, 0, 0)),
        (received(FIRST, SECOND, (9, SECOND[1])), (2, 0, 1, 0)),
        (received(FIRST, SECOND, repeated=2), (2, 0, 2, 0)),
        (received(SECOND, FIRST), (2, 0, 0, 1)),
    ],
)
def test_what_a_client_has_is_compared_with_what_was_acknowledged(
    client: ReceivedMessages, expected: tuple[int, int, int, int]
) -> None:
    found = reconcile(dict([FIRST, SECOND]), [client])
    assert found.acknowledged == 2
    assert (found.delivered, found.lost, found.doubled, found.out_of_order) == expected


def test_an_older_state_of_a_message_never_replaces_a_newer() -> None:
    found = ReceivedMessages()
    for moment in (2, 1, 3):
        model = {"id": 7, "source": f"at {moment}", "updated_at": moment}
        found.merge(model)
        assert found.messages[7]["updated_at"] == max(2, moment)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (text(3, 14), (3, 14)),
        ("author 3 wrote a book", None),
        ("", None),
        ("hello *world*", None),
    ],
)
def test_a_message_says_whose_it_is(
    source: str, expected: tuple[int, int] | None
) -> None:
    assert origin(source) == expected
