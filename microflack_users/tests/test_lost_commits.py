"""The answer of a COMMIT is lost with the connection: it is found out what it did."""

import pytest
from conftest import PASSWORD

from microflack_common.testing_database import lost_commit
from microflack_users.models import db

ANOTHER = "another secret: 2"


@pytest.fixture
def losing(app):
    """Return a function that has the answer of the next COMMIT be lost."""
    with app.app_context():
        engine = db.engine
    if engine.dialect.name != "mysql":
        pytest.skip("SQLite has no connections that can be lost")
    return lambda: lost_commit(engine)


def test_who_registers_is_told_so(losing, client):
    with losing():
        answer = client.post(
            "/api/users", json={"nickname": "ada", "password": PASSWORD}
        )
    assert answer.status_code == 201
    assert client.get(answer.headers["Location"]).json == answer.json


def test_another_password_is_set_and_that_is_told(losing, client, register, sign_in):
    user = register()
    change = {"password": ANOTHER, "current_password": PASSWORD}
    headers = sign_in(user)
    with losing():
        answer = client.put(user["_links"]["self"], json=change, headers=headers)
    assert answer.status_code == 204
    change = {"password": PASSWORD, "current_password": ANOTHER}
    answer = client.put(user["_links"]["self"], json=change, headers=headers)
    assert answer.status_code == 204
