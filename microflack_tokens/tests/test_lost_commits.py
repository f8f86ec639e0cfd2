"""The answer of a COMMIT is lost with the connection: it is found out what it did."""

import pytest
from sqlalchemy import func, select

from microflack_common.testing_database import lost_commit
from microflack_tokens.models import Session, StoredCut, db


@pytest.fixture
def losing(app):
    """Return a function that has the answer of the next COMMIT be lost."""
    with app.app_context():
        engine = db.engine
    if engine.dialect.name != "mysql":
        pytest.skip("SQLite has no connections that can be lost")
    return lambda: lost_commit(engine)


def count(app, model):
    with app.app_context(), db.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(model))


def test_who_signs_in_has_one_session(app, losing, sign_in):
    with losing():
        assert sign_in()["token"]
    assert count(app, Session) == 1


def test_a_renewal_gives_the_token_that_is_the_newest(losing, sign_in, client):
    before = sign_in()["refresh_token"]
    with losing():
        answer = client.post("/api/tokens", json={"refresh_token": before})
    again = {"refresh_token": answer.json["refresh_token"]}
    assert client.post("/api/tokens", json=again).status_code == 200


def test_all_is_ended_once(app, losing, sign_in, client):
    pair = sign_in()
    headers = {"Authorization": f"Bearer {pair['token']}"}
    with losing():
        answer = client.delete("/api/tokens/users/7", headers=headers)
    assert answer.status_code == 204
    assert (count(app, StoredCut), count(app, Session)) == (1, 0)
