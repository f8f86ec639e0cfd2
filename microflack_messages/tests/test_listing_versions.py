"""Lists are made once for each number of their room, and not sent to who has them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event

from microflack_common.testing import token_for
from microflack_messages import listing, models

QUERIES = ["", "?limit=5", "?updated_since=0", "?before_id=9", "?after=0", "?room=1"]


@pytest.fixture
def ask(client):
    """Return a function that asks for a list, perhaps with the tag of what one has."""

    def ask(query="", tag=None, client=client):
        headers = {"If-None-Match": tag} if tag else {}
        return client.get(f"/api/messages{query}", headers=headers)

    return ask


@pytest.mark.parametrize("query", QUERIES)
def test_a_list_that_one_has_is_not_sent_again(ask, post, query):
    post()
    first = ask(query)
    again = ask(query, first.headers["ETag"])
    assert (first.status_code, again.status_code) == (200, 304)
    assert again.data == b""
    for answer in (first, again):
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert answer.headers["Vary"] == "Authorization"
        assert answer.headers["ETag"] == first.headers["ETag"]


@pytest.mark.parametrize("query", QUERIES)
def test_after_any_change_it_is(client, ada, ask, post, query):
    message = post("one")
    seen = set()

    def changed():
        answer = ask(query, tag)
        assert answer.status_code == 200
        assert answer.headers["ETag"] not in seen
        seen.add(answer.headers["ETag"])
        return answer.headers["ETag"]

    tag = None
    tag = changed()
    client.put(message["_links"]["self"], json={"source": "other"}, headers=ada)
    tag = changed()
    post("two")
    tag = changed()
    assert ask(query, tag).status_code == 304


def test_each_list_has_a_tag_of_its_own(ask, post):
    post()
    assert len({ask(query).headers["ETag"] for query in QUERIES}) == len(QUERIES)


def test_instances_know_each_others_tags(another, ask, post):
    post()
    tag = ask().headers["ETag"]
    assert ask(tag=tag, client=another().test_client()).status_code == 304


def test_a_list_of_the_last_day_changes_with_time(ask, post, monkeypatch):
    post()
    first = ask()
    monkeypatch.setattr(listing, "now", lambda: models.now() + 24 * 60 * 60 + 60)
    later = ask(tag=first.headers["ETag"])
    assert later.status_code == 200
    assert (len(first.json["messages"]), later.json["messages"]) == (1, [])


def test_for_who_has_a_list_no_message_is_read(app, ask, post):
    post()
    tag = ask().headers["ETag"]
    statements = []
    engine = app.extensions["microflack_autocommit"]

    def note(_connection, _cursor, statement, _values, _context, _many):
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert ask(tag=tag).status_code == 304
        assert ask().status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert not any("messages" in statement for statement in statements)


def test_who_has_written_reads_it_on_any_instance(app, another):
    instances = [app, another()]

    def write_and_read(number):
        here, there = instances[:: 1 if number % 2 else -1]
        written = here.test_client().post(
            "/api/messages", json={"source": "hello"}, headers=token_for(here, 1)
        )
        listed = there.test_client().get("/api/messages").json
        assert listed["change"] >= written.json["change"]
        return written.json["id"], {one["id"] for one in listed["messages"]}

    with ThreadPoolExecutor(6) as pool:
        for number, seen in pool.map(write_and_read, range(60)):
            assert number in seen


def test_a_list_survives_that_the_database_closes_its_connections(app, ask, post):
    if "sqlite" in app.config["SQLALCHEMY_DATABASE_URI"]:
        pytest.skip("SQLite has no connections")
    post()
    tag = ask().headers["ETag"]
    with app.app_context(), models.db.engine.connect() as connection:
        own = connection.exec_driver_sql("SELECT CONNECTION_ID()").scalar_one()
        rows = connection.exec_driver_sql(
            "SELECT id FROM information_schema.processlist"
            f" WHERE user = SUBSTRING_INDEX(USER(), '@', 1) AND id <> {own}"
        )
        for number in rows.scalars().all():
            connection.exec_driver_sql(f"KILL {number}")
    assert ask(tag=tag).status_code == 304
    assert ask().status_code == 200
