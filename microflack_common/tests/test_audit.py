"""Who did what, from where."""

import logging

import pytest
from flask import request

from microflack_common import audit
from microflack_common.client_address import client_address


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        (None, "127.0.0.1"),
        ("203.0.113.7", "203.0.113.7"),
        ("10.0.0.1, 203.0.113.7", "203.0.113.7"),
        ("2001:DB8::1", "2001:db8::1"),
        ("nonsense", "127.0.0.1"),
        ("203.0.113.7, nonsense", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_the_load_balancer_says_where_a_request_comes_from(app, forwarded, address):
    headers = {"X-Forwarded-For": forwarded} if forwarded is not None else {}
    with app.test_request_context(
        headers=headers, environ_base={"REMOTE_ADDR": "127.0.0.1"}
    ):
        assert client_address(request) == address


def test_an_event_is_logged_with_who_and_from_where(app, caplog):
    caplog.set_level(logging.INFO)
    with app.test_request_context(headers={"X-Forwarded-For": "203.0.113.7"}):
        audit.record("sign_in", "refused", nickname="ada")
    [record] = caplog.records
    fields = (record.event, record.outcome, record.user, record.nickname)
    assert fields == ("sign_in", "refused", None, "ada")
    assert record.address == "203.0.113.7"
    assert record.getMessage() == "sign_in: refused"


def test_outside_of_a_request_there_is_no_address(caplog):
    caplog.set_level(logging.INFO)
    audit.record("sign_out", "ok", 7)
    assert caplog.records[0].address is None
