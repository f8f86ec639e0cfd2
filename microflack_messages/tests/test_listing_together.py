"""Lists that many ask for at the same time."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event

from microflack_common.testing import token_for
from microflack_common.together import Together

CLIENTS = 6
ROUNDS = 10


@pytest.fixture
def pool():
    """Return threads, which the test waits for."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        yield pool


class Counted(Together):
    """Counts who has come to ask."""

    def __init__(self):
        super().__init__(patience=30)
        self.came = threading.Semaphore(0)

    def ask(self, key, question):
        self.came.release()
        return super().ask(key, question)


def test_lists_that_are_asked_for_together_take_few_questions(app, client, post, pool):
    message = post("hello")
    client.get("/api/messages")
    asked = app.extensions["microflack_together"] = Counted()
    statements, end = [], threading.Event()
    engine = app.extensions["microflack_autocommit"]

    def wait(_connection, _cursor, statement, _values, _context, _many):
        statements.append(statement)
        end.wait(30)

    event.listen(engine, "before_cursor_execute", wait)
    try:
        lists = [
            pool.submit(app.test_client().get, "/api/messages") for _ in range(CLIENTS)
        ]
        assert all(asked.came.acquire(timeout=30) for _ in lists)
        end.set()
        assert all(one.result(30).json["messages"] == [message] for one in lists)
    finally:
        end.set()
        event.remove(engine, "before_cursor_execute", wait)
    assert len(statements) < CLIENTS


def test_who_has_written_reads_it_on_any_instance(app, another, pool):
    instances = [app, another()]

    def write_and_read(number):
        here, there = instances[:: 1 if number % 2 else -1]
        written = here.test_client().post(
            "/api/messages", json={"source": "hello"}, headers=token_for(here, 1)
        )
        listed = there.test_client().get("/api/messages").json["messages"]
        return written.json["id"], {one["id"] for one in listed}

    for number, seen in pool.map(write_and_read, range(CLIENTS * ROUNDS)):
        assert number in seen
