"""The answer of a COMMIT is lost with the connection: it is found out what it did."""

from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from microflack_common import database, transactions
from microflack_common.testing import free_port
from microflack_common.testing_database import lost_commit
from microflack_messages.models import db


@pytest.fixture
def engine(app):
    """Return the engine of a server."""
    with app.app_context():
        if db.engine.dialect.name != "mysql":
            pytest.skip("SQLite has no connections that can be lost")
        return db.engine


def dens(client, headers):
    rooms = client.get("/api/rooms", headers=headers).json["rooms"]
    return [one for one in rooms if one["name"] == "den"]


def test_a_room_is_made_once(engine, client, ada):
    room = {"name": "den", "kind": "private"}
    with lost_commit(engine):
        answer = client.post("/api/rooms", json=room, headers=ada)
    assert answer.status_code == 201
    assert [one["id"] for one in dens(client, ada)] == [answer.json["id"]]


def test_a_room_that_was_deleted_is_not_missed(engine, client, ada):
    room = {"name": "den", "kind": "private"}
    place = client.post("/api/rooms", json=room, headers=ada).headers["Location"]
    with lost_commit(engine):
        assert client.delete(place, headers=ada).status_code == 204
    assert dens(client, ada) == []


def test_a_server_that_takes_nothing_now_is_left(engine):
    # As a node says that has lost the others of its cluster.
    refusal = "SIGNAL SQLSTATE '08S01' SET MYSQL_ERRNO = 1047"
    with engine.connect() as connection:
        with pytest.raises(OperationalError) as refused:
            connection.execute(text(refusal))
        assert transactions.is_away(refused.value)
        assert connection.invalidated


def test_a_server_that_is_not_there_is_away():
    app = Flask("reader")
    away = create_engine(f"mysql+pymysql://reader@127.0.0.1:{free_port()}/messages")
    app.extensions["sqlalchemy"] = SimpleNamespace(engine=away)
    with pytest.raises(OperationalError):
        database.read_value(app, "SELECT 1")
