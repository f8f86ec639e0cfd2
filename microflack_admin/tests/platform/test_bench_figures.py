"""What mfbench makes of what it measures: tables, without a server."""

import json
from collections.abc import Sequence

import pytest

from mftools.bench.delivery_log import DeliveryLog
from mftools.bench.figures import (
    Goal,
    Spread,
    at_least,
    below,
    formatted,
    quantile,
    ratios,
)
from mftools.bench.fill_table import copied_values
from mftools.bench.http_client import Answer, Connection
from mftools.bench.listener import frame, frames
from mftools.bench.peers.heard import Heard
from mftools.bench.peers.results import Result, Work, rows
from mftools.bench.presence_log import PresenceLog
from mftools.bench.received_messages import ReceivedMessages
from mftools.bench.reconciliation import out_of_order, reconcile
from mftools.bench.report import Report, Row, into_page, single
from mftools.bench.upgrade_rows import Roll, rolls
from mftools.bench.users import origin, text

MACHINE = {"version": "Python 3", "cores": 2, "cpu": "a CPU", "date": "today"}


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([5], 0.99, 5),
        ([3, 1, 2], 0.5, 2),
        ([4, 1, 3, 2], 0.5, 2),
        (range(1, 101), 0.99, 99),
        (range(1, 102), 0.99, 100),
        ([1, 2], 1, 2),
        ([1, 2], 0, 1),
    ],
)
def test_quantiles(values: Sequence[float], share: float, expected: float) -> None:
    assert quantile(values, share) == expected


def test_a_spread_has_a_middle_and_two_ends() -> None:
    assert Spread.of([4, 1, 9]) == Spread(4, 1, 9)
    assert Spread.of([4, 1]) == Spread(2.5, 1, 4)


def test_ratios_are_taken_between_neighbours() -> None:
    assert ratios([10, 30], [20, 30]) == [0.5, 1]
    assert ratios([10, 30], [0, 30]) == [1]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234.4, "1234"),
        (99.96, "100.0"),
        (12.34, "12.3"),
        (0.456, "0.46"),
        (0, "0"),
        (5, "5"),
        (float("inf"), "-"),
        (float("nan"), "-"),
    ],
)
def test_numbers_have_the_digits_that_matter(value: float, text: str) -> None:
    assert formatted(value) == text


@pytest.mark.parametrize(
    ("goal", "value", "reached"),
    [
        (at_least(0.6), 0.6, True),
        (at_least(0.6), 0.59, False),
        (below(100), 99, True),
        (below(100), 100, False),
        (below(100), float("inf"), False),
    ],
)
def test_goals(goal: Goal, value: float, reached: bool) -> None:
    assert goal.reached(value) is reached


def report() -> Report:
    """Return a report with a figure of each kind."""
    found = Report(MACHINE, skipped={"events": "nothing serves /socket.io here"})
    found.rows += [
        Row("posts", "POST", Spread(400, 300, 500), "/s", note="CPU 2 ms each"),
        Row("posts", "of bare", single(0.5), goal=at_least(0.6)),
        Row("start", "mfup", single(7), "s", below(20), details={"more": 1}),
    ]
    return found


def test_the_table_says_what_was_reached_and_what_was_not() -> None:
    lines = report().table().splitlines()
    assert [line.split() for line in lines[2:4]] == [
        ["POST", "400", "/s", "300", "-", "500", "CPU", "2", "ms", "each"],
        ["of", "bare", "0.50", ">=", "0.60", "NO"],
    ]
    assert lines[5].split() == ["mfup", "7", "s", "<", "20", "s", "yes"]
    assert "events: skipped, nothing serves /socket.io here" in lines


def test_the_document_holds_the_same() -> None:
    document = json.loads(json.dumps(report().document()))
    assert [row["reached"] for row in document["rows"]] == [None, False, True]
    assert document["rows"][0]["low"] == 300
    assert document["rows"][2]["more"] == 1
    assert document["skipped"] == {"events": "nothing serves /socket.io here"}


def test_the_figures_of_the_guide_are_replaced() -> None:
    page = "before\n<!-- figures -->\nold\n<!-- end of figures -->\nafter\n"
    figures = report().markdown(["posts", "start", "events"])
    changed = into_page(page, figures)
    assert changed.startswith("before\n<!-- figures -->\n")
    assert changed.endswith("<!-- end of figures -->\nafter\n")
    assert "old" not in changed
    assert "| of bare | 0.50 |  | >= 0.60 | NO |  |" in changed
    assert into_page(changed, figures) == changed


def test_a_part_that_takes_long_has_a_place_of_its_own_in_the_guide() -> None:
    page = "<!-- figures -->\nold\n<!-- end of figures -->\n"
    page += "<!-- figures: start -->\n<!-- end of figures -->\n"
    changed = into_page(page, report().markdown(["start"]), "figures: start")
    assert changed.startswith("<!-- figures -->\nold\n<!-- end of figures -->\n")
    assert "| mfup | 7 s |" in changed
    assert "POST" not in changed
    assert "skipped" not in changed


def test_a_page_without_a_place_for_figures_is_refused() -> None:
    with pytest.raises(ValueError, match="no place"):
        into_page("text", "some")


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


def test_what_was_measured_of_all_servers_stands_side_by_side() -> None:
    work = Work(2.0, [0.1, 0.3], failed=1, server=0.6, generator=0.2, others=1.0)
    results = [
        Result(name, "a set-up", 1.0, 10.0, 20.0, [work], [work], {3: work}, {3: 2})
        for name in ("ours", "another")
    ]
    found = rows(results)
    whats = [row.what for row in found]
    at = whats.index("ours: messages posted, 8 connections")
    assert whats[at + 1] == "another: messages posted, 8 connections"
    assert found[at].spread.middle == 1
    assert found[at].note.startswith("p50 100, p99 300 ms; CPU 200 ms each; cores")
    assert found[at].note.endswith("1 FAILED")
    live = found[whats.index("ours: 3 clients, 5/s: the last hears, p99")]
    assert live.spread.middle == 300
    assert live.note.endswith("2 NOT HEARD")


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


def test_a_roll_that_fails_is_told_and_misses_the_target() -> None:
    done = [Roll("users", 10.0), Roll("ui", 30.0, "mfupgrade failed: why")]
    seconds, completed = rolls("upgrade", done, longest_seconds=25.0)
    assert (seconds.spread, seconds.reached) == (Spread(20, 10, 30), True)
    assert (completed.spread.middle, completed.reached) == (1, False)
    assert completed.details == {"problems": ["ui: mfupgrade failed: why"]}


def test_a_starved_roll_may_take_its_time() -> None:
    seconds, completed = rolls("upgrade", [Roll("ui", 300.0)], longest_seconds=None)
    assert (seconds.reached, completed.reached) == (None, True)
