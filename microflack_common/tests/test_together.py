"""Questions that many ask at the same time are asked once for all of them."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from microflack_common.together import Together

ASKERS = 8
ROUNDS = 20


@pytest.fixture
def pool():
    """Return threads, which the test waits for."""
    with ThreadPoolExecutor(ASKERS) as pool:
        yield pool


class Shelf:
    """Something that is written by many, and slowly read by one at a time."""

    def __init__(self):
        self.lock = threading.Lock()
        self.written = self.reads = self.reading = self.most = 0

    def write(self):
        with self.lock:
            self.written += 1
            return self.written

    def read(self):
        with self.lock:
            self.reads += 1
            self.reading += 1
            self.most = max(self.most, self.reading)
            seen = self.written
        # As long as a database takes.
        threading.Event().wait(0.005)
        with self.lock:
            self.reading -= 1
        return seen


def test_who_has_written_reads_it_however_many_share_a_question(pool):
    together, shelf = Together(patience=30), Shelf()

    def write_and_read(_number):
        wrote = shelf.write()
        return wrote, together.ask("shelf", shelf.read)

    asked = list(pool.map(write_and_read, range(ASKERS * ROUNDS)))
    assert all(read >= wrote for wrote, read in asked)
    assert shelf.most == 1
    assert shelf.reads < len(asked)


def test_one_who_asks_alone_asks_each_time():
    together, shelf = Together(), Shelf()
    assert [together.ask("shelf", shelf.read) for _ in range(3)] == [0, 0, 0]
    assert shelf.reads == 3


def test_others_who_ask_something_else_wait_for_nobody(pool):
    together = Together(patience=30)
    begun, end = threading.Event(), threading.Event()
    slow = pool.submit(together.ask, "slow", lambda: begun.set() or end.wait(30))
    try:
        assert begun.wait(30)
        assert together.ask("quick", lambda: "answer") == "answer"
        assert not slow.done()
    finally:
        end.set()


def test_a_slow_question_does_not_hold_up_those_after_it(pool):
    together = Together(patience=0.01)
    begun, end = threading.Event(), threading.Event()

    def hang():
        begun.set()
        return end.wait(30)

    slow = pool.submit(together.ask, "key", hang)
    try:
        assert begun.wait(30)
        assert together.ask("key", lambda: "answer") == "answer"
        assert not slow.done()
    finally:
        end.set()


def test_an_error_reaches_all_who_asked_and_nobody_later(pool):
    together = Together(patience=30)

    def fail():
        raise OSError("away")

    asked = [pool.submit(together.ask, "key", fail) for _ in range(ASKERS)]
    for one in asked:
        with pytest.raises(OSError, match="away"):
            one.result(30)
    assert together.ask("key", lambda: "back") == "back"


def test_a_question_that_is_interrupted_is_no_answer():
    together = Together()

    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        together.ask("key", interrupt)
    assert together.ask("key", lambda: "back") == "back"
