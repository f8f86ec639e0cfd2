"""What the log says of registrations, passwords, roles and refusals."""

import pytest
from conftest import PASSWORD

from microflack_common.testing import basic

CLIENT = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}


@pytest.fixture
def audited(caplog):
    """Return a function that returns event, outcome and user of each line."""
    caplog.set_level("INFO", "microflack.audit")

    def audited():
        lines = [r for r in caplog.records if r.name == "microflack.audit"]
        assert all(line.address in ("198.51.100.7", "127.0.0.1") for line in lines)
        assert PASSWORD not in caplog.text
        return [(line.event, line.outcome, line.user) for line in lines]

    return audited


def test_a_registration_is_told_with_the_address(client, audited):
    body = {"nickname": "ada", "password": PASSWORD}
    client.post("/api/users", json=body, headers=CLIENT)
    client.post("/api/users", json=body | {"invitation": "bad"}, headers=CLIENT)
    assert audited() == [("registration", "ok", 1), ("registration", "refused", None)]


def test_a_wrong_password_is_told_with_the_user(client, register, sign_in, audited):
    headers = sign_in(register()) | CLIENT
    client.get("/api/users/me", headers=basic("ada", "wrong password") | CLIENT)
    change = {"password": "another secret", "current_password": "wrong"}
    client.put("/api/users/1", json=change, headers=headers)
    del change["current_password"]
    client.put("/api/users/1", json=change, headers=headers)
    assert audited()[1:] == [
        ("sign_in", "refused", 1),
        ("password_check", "refused", 1),
        ("password_change", "ok", 1),
    ]


def test_a_role_is_told_with_who_gave_it(client, admin, register, audited, caplog):
    register()
    client.put("/api/users/2", json={"admin": True}, headers=admin)
    assert audited()[-1] == ("role_change", "ok", 2)
    [line] = [r for r in caplog.records if getattr(r, "event", "") == "role_change"]
    assert (line.by, line.admin) == (1, True)
