"""Who is sent logs: what they get, and what is made of their answers."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from certificates import own_pem
from daemons import wait_for
from log_receivers import Bulk, SyslogServer, waiting

from mfplatform.logs.shipping.destination import Destination
from mfplatform.logs.shipping.documents import Origin
from mfplatform.logs.shipping.elasticsearch import Elasticsearch
from mfplatform.logs.shipping.receiver import ReceiverError
from mfplatform.logs.shipping.shipper import connect
from mfplatform.logs.shipping.syslog import Syslog

ORIGIN = Origin("platform", "machine")


@pytest.fixture
def bulk() -> Iterator[Bulk]:
    server = Bulk()
    yield server
    server.stop()


def elasticsearch(server: Bulk, **more: str) -> Elasticsearch:
    port = server.server_address[1]
    where = Destination("elasticsearch", False, "127.0.0.1", port, **more)
    return Elasticsearch(where, "", ORIGIN)


def test_fields_of_a_record_are_those_of_its_document(
    tmp_path: Path, bulk: Bulk
) -> None:
    # As etcd, our services and anybody write them.
    (tmp_path / "a.log").write_text(
        '{"ts": "2026-01-02T03:04:05.678Z", "level": "warn", "msg": "slow", "n": 5}\n'
        '{"time": "2026-01-02T03:04:06Z", "level": "info", "source": 1, "ms": 2}\n'
        "plain\n"
    )
    with closing(elasticsearch(bulk)) as receiver:
        receiver.send(waiting(tmp_path))
    assert {index for index, _ in bulk.documents} == {"microflack-logs-2026.01.02"}
    own = {"source": "a", "platform": "platform", "host": "machine"}
    first, second, third = bulk.documents.values()
    assert first == {
        **own,
        "@timestamp": "2026-01-02T03:04:05.678+00:00",
        "level": "warning",
        "message": "slow",
        "n": 5,
    }
    assert (second["source"], second["record_source"], second["ms"]) == ("a", 1, 2)
    assert third == {**own, "@timestamp": second["@timestamp"], "message": "plain"}


def test_what_an_index_refuses_is_kept_there_as_plain_text(
    tmp_path: Path, bulk: Bulk
) -> None:
    bulk.refuses = lambda document: "status" in document
    text = '{"message": "odd", "status": {}}'
    (tmp_path / "a.log").write_text(f"{text}\nfine\n")
    with closing(elasticsearch(bulk)) as receiver:
        receiver.send(waiting(tmp_path))
    refused = {one["message"]: one.get("refused") for one in bulk.documents.values()}
    assert refused == {text: "a_400_exception: so it is", "fine": None}


@pytest.mark.parametrize(
    ("mood", "reason"),
    [
        ("401", "it answers 401 security_exception: who?"),
        ("502", "it answers 502"),
        ("503", "it does not take 1 of 2 lines: 503 a_503_exception: so it is"),
    ],
)
def test_what_is_not_taken_is_said_without_the_password(
    tmp_path: Path, bulk: Bulk, mood: str, reason: str
) -> None:
    bulk.mood = mood
    (tmp_path / "a.log").write_text("one\ntwo\n")
    with (
        closing(elasticsearch(bulk, user="me", password="secret")) as receiver,
        pytest.raises(ReceiverError) as refused,
    ):
        receiver.send(waiting(tmp_path))
    assert str(refused.value) == reason
    assert bulk.authorizations == {"Basic bWU6c2VjcmV0"}


def test_an_api_key_is_told_as_one(tmp_path: Path, bulk: Bulk) -> None:
    (tmp_path / "a.log").write_text("one\n")
    with closing(elasticsearch(bulk, user="api-key", password="a2V5")) as receiver:
        receiver.send(waiting(tmp_path))
    assert bulk.authorizations == {"ApiKey a2V5"}


def test_syslog_gets_each_line_again_after_it_was_away(tmp_path: Path) -> None:
    server = SyslogServer()
    port = server.server_address[1]
    (tmp_path / "a.log").write_text(
        '{"time": "2026-01-02T03:04:05Z", "level": "error"}\n'
    )
    found = waiting(tmp_path)
    receiver = Syslog(Destination("syslog", False, "127.0.0.1", port), "", ORIGIN)
    with closing(receiver):
        receiver.send(found)
        wait_for(lambda: server.lines)
        head = "<131>1 2026-01-02T03:04:05.000+00:00 machine a - - - "
        assert server.lines == [head + found[0].text]
        server.stop()
        with pytest.raises(ReceiverError):
            receiver.send(found)
        server = SyslogServer(port)
        receiver.send(found)
        wait_for(lambda: server.lines)
    server.stop()


@pytest.mark.parametrize("protocol", ["elasticsearch", "syslog"])
def test_lines_go_only_to_whom_the_certificate_names(
    tmp_path: Path, protocol: str
) -> None:
    (tmp_path / "a.log").write_text("one\n")
    good, other = tmp_path / "good.pem", tmp_path / "other.pem"
    good.write_text(own_pem("127.0.0.1"))
    other.write_text(own_pem("127.0.0.1"))
    server = {"elasticsearch": Bulk, "syslog": SyslogServer}[protocol](certificate=good)
    port = server.server_address[1]
    where = Destination(protocol, True, "127.0.0.1", port)
    with (
        closing(connect(where, str(other), ORIGIN)) as receiver,
        pytest.raises(ReceiverError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        receiver.send(waiting(tmp_path))
    with closing(connect(where, str(good), ORIGIN)) as receiver:
        receiver.send(waiting(tmp_path))
        if isinstance(server, Bulk):
            assert server.messages() == ["one"]
        else:
            wait_for(lambda: server.lines)
    server.stop()
