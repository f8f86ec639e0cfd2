"""Threads beside the requests: nothing is lost, nobody waits, and all of them end."""

import os
import threading
import time

import pytest

from microflack_common.outage import Outage, backoff
from microflack_common.workers import BatchWorker, PeriodicTask


def wait_for(condition, timeout=10):
    """Wait until ``condition`` is true."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, condition
        time.sleep(0.01)


class Handler:
    """Collects batches; while it is closed, it holds on to the one it has."""

    def __init__(self):
        self.batches = []
        self.began = threading.Semaphore(0)
        self._open = threading.Event()

    def __call__(self, batch):
        self.batches.append(batch)
        self.began.release()
        assert self._open.wait(10)

    def open(self):
        """Let all batches through."""
        self._open.set()

    @property
    def items(self):
        """Return all that came, in order."""
        return [item for batch in self.batches for item in batch]


@pytest.fixture
def handler():
    """Return a handler, which is open after the test."""
    handler = Handler()
    yield handler
    handler.open()


def worker_with_one_under_way(handler, *sizes, **options):
    worker = BatchWorker("test", handler, *sizes, **options)
    assert worker.submit(0)
    assert handler.began.acquire(timeout=10)
    return worker


def test_items_are_handled_in_order_several_at_once(handler):
    worker = worker_with_one_under_way(handler, 4, 100)
    assert all(worker.submit(number) for number in range(1, 10))
    assert not worker.flush(0.05)
    handler.open()
    assert worker.flush(10)
    assert handler.batches == [[0], [1, 2, 3, 4], [5, 6, 7, 8], [9]]
    assert worker.stop()


def test_what_is_too_much_is_refused(handler):
    worker = worker_with_one_under_way(handler, 1, 2)
    assert [worker.submit(number) for number in (1, 2, 3)] == [True, True, False]
    handler.open()
    assert worker.stop()
    assert handler.items == [0, 1, 2]
    assert worker.dropped == 0


def test_or_it_pushes_the_oldest_out(handler):
    worker = worker_with_one_under_way(handler, 1, 2, drop_oldest=True)
    assert all(worker.submit(number) for number in range(1, 6))
    handler.open()
    assert worker.stop()
    assert handler.items == [0, 4, 5]
    assert worker.dropped == 3


def test_several_threads_work_at_the_same_time():
    together = threading.Barrier(3)
    worker = BatchWorker("test", lambda _: together.wait(10), 1, 100, threads=3)
    for number in range(6):
        worker.submit(number)
    assert worker.flush(10)
    assert not together.broken
    assert worker.stop()


def test_an_error_concerns_its_batch_alone(caplog):
    done = []

    def handle(batch):
        if batch == [1]:
            raise ValueError("no")
        done.extend(batch)

    worker = BatchWorker("test", handle, 1, 100)
    for number in range(3):
        worker.submit(number)
    assert worker.stop()
    assert done == [0, 2]
    assert "test: 1 items are lost" in caplog.text


def test_who_stops_handles_what_came_and_takes_nothing_more(handler):
    worker = worker_with_one_under_way(handler, 1, 100)
    worker.submit(1)
    assert not worker.stop(0.05)
    assert not worker.submit(2)
    handler.open()
    assert worker.stop()
    assert handler.items == [0, 1]


def test_a_worker_that_never_began_can_be_flushed_and_stopped(handler):
    worker = BatchWorker("test", handler, 1, 100)
    assert worker.flush(0)
    assert worker.stop()


def test_a_worker_made_before_a_fork_works_after_it_and_at_the_exit(tmp_path):
    file = tmp_path / "handled"
    script = f"""
import os, sys
from microflack_common.workers import BatchWorker

def handle(batch):
    with open({str(file)!r}, "a") as file:
        file.write(f"{{batch}}")

worker = BatchWorker("test", handle, 10, 100, exit_timeout_seconds=10)
if os.fork() == 0:
    worker.submit("child")
    sys.exit()
os.wait()
"""
    assert os.spawnlp(os.P_WAIT, "python", "python", "-W", "ignore", "-c", script) == 0
    assert file.read_text() == "['child']"


def test_a_task_is_called_until_it_is_stopped():
    calls = threading.Semaphore(0)
    task = PeriodicTask("test", calls.release, 0.001)
    task.start()
    for _ in range(3):
        assert calls.acquire(timeout=10)
    assert task.stop()
    while calls.acquire(blocking=False):
        pass
    assert not calls.acquire(timeout=0.05)


def test_the_first_call_waits_unless_it_shall_not():
    early, late = threading.Event(), threading.Event()
    tasks = [
        PeriodicTask("test", late.set, 600),
        PeriodicTask("test", early.set, 600, at_once=True),
    ]
    for task in tasks:
        task.start()
    assert early.wait(10)
    assert not late.is_set()
    assert all(task.stop() for task in tasks)


def test_a_task_that_never_began_can_be_stopped():
    assert PeriodicTask("test", int, 600).stop()


def test_an_error_ends_no_task_and_is_logged_once_an_outage(caplog):
    caplog.set_level("INFO")
    results = iter([ValueError, ValueError, None, None, KeyError])
    ended = threading.Event()

    def call():
        try:
            result = next(results)
        except StopIteration:
            ended.set()
        else:
            if result:
                raise result("no")

    task = PeriodicTask("test", call, 600, at_once=True, retry_seconds=0)
    # It fails at once, and is called again at once; then it waits for its period.
    task.start()
    wait_for(lambda: "works again" in caplog.text)
    assert task.stop()
    assert caplog.text.count("test fails: ValueError: no") == 1
    assert "Traceback" in caplog.text
    task = PeriodicTask("test", call, 0)
    task.start()
    assert ended.wait(10)
    assert task.stop()
    assert caplog.text.count("test fails: KeyError: 'no'") == 1


def test_a_function_that_waits_ends_when_its_task_does():
    began = threading.Event()

    def wait():
        began.set()
        assert task.wait(600)

    task = PeriodicTask("test", wait, 600, at_once=True)
    task.start()
    assert began.wait(10)
    assert task.stop()


def test_an_outage_is_told_when_it_begins_and_when_it_ends(caplog):
    caplog.set_level("INFO")
    outage = Outage("Away, events wait", "Back", OSError)
    outage.end()
    assert not outage.lasts
    for _ in range(3):
        outage.begin(OSError("refused\nand more that nobody should read"))
        assert outage.lasts
    outage.end()
    outage.end()
    assert not outage.lasts
    first, second = (record.getMessage() for record in caplog.records)
    assert first == "Away, events wait: OSError: refused"
    assert second.startswith("Back after 0.")
    assert "Traceback" not in caplog.text


def test_pauses_double_up_to_the_longest_with_jitter():
    pauses = backoff(1, 5)
    for longest in (1, 2, 4, 5, 5):
        assert longest / 2 <= next(pauses) <= longest


def test_what_comes_while_a_worker_pauses_is_handled_together(handler):
    handler.open()
    worker = BatchWorker("pausing", handler, 10, 100, period_seconds=0.2)
    worker.submit(0)
    assert handler.began.acquire(timeout=10)
    for number in range(1, 6):
        worker.submit(number)
    assert worker.flush(10)
    assert worker.stop()
    assert handler.batches == [[0], [1, 2, 3, 4, 5]]
