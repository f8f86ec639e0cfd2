"""Logs are JSON lines that tell which request they belong to."""

import json
import logging

import pytest

from microflack_common.logs import JsonFormatter


@pytest.fixture
def lines(capsys):
    """Return a function that reads the lines logged so far."""
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def formatted(**fields):
    record = logging.makeLogRecord({"msg": "a %s", "args": ("b",)} | fields)
    return json.loads(JsonFormatter("users", "users-1").format(record))


def test_a_line_names_its_source_and_keeps_extra_fields():
    line = formatted(message_id=7)
    assert (line["service"], line["instance"]) == ("users", "users-1")
    assert (line["message"], line["message_id"]) == ("a b", 7)
    assert line["time"].endswith("Z")


def test_a_line_feed_never_starts_another_line():
    record = logging.makeLogRecord({"msg": "a\nb\u2028c"})
    assert len(JsonFormatter("", "").format(record).splitlines()) == 1


def test_each_request_is_logged_with_its_id(client, lines):
    answer = client.get("/nothing", headers={"X-Request-ID": "given-by-client"})
    assert answer.headers["X-Request-ID"] == "given-by-client"
    line = lines()[-1]
    assert line["request_id"] == "given-by-client"
    assert (line["message"], line["status"]) == ("GET /nothing 404", 404)
    assert line["ms"] >= 0


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        (None, "127.0.0.1"),
        ("192.0.2.7", "192.0.2.7"),
        ("evil, 2001:db8::1", "2001:db8::1"),
        ('"x"', "127.0.0.1"),
    ],
)
def test_each_request_is_logged_with_its_clients_address(client, lines, said, logged):
    client.get("/nothing", headers={"X-Forwarded-For": said} if said else {})
    assert lines()[-1]["address"] == logged


@pytest.mark.parametrize("bad", ["short", "x" * 65, 'quo"te--', "white space"])
def test_a_strange_request_id_is_replaced(client, bad):
    answer = client.get("/nothing", headers={"X-Request-ID": bad})
    assert answer.headers["X-Request-ID"] != bad
    assert len(answer.headers["X-Request-ID"]) == 32


def test_health_checks_are_not_logged(client, lines):
    client.get("/healthz")
    assert lines() == []
