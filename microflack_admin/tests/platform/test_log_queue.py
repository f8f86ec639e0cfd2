"""The queue of logs that are to be sent: what is in it, and for how long."""

import os
from pathlib import Path

from log_receivers import waiting

from mfplatform.logs.shipping.queue import LogQueue
from mfplatform.logs.shipping.reading import Entry


def texts(found: list[Entry]) -> list[str]:
    return [entry.text for entry in found]


def test_a_line_that_a_rotation_cuts_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.log.1").write_text("one\ntw")
    (tmp_path / "a.log").write_text("o\nthree\n")
    found = waiting(tmp_path)
    assert texts(found) == ["one", "two", "three"]
    # The same lines have the same keys wherever their files are by now.
    (tmp_path / "a.log.1").rename(tmp_path / "a.log.2")
    (tmp_path / "a.log").rename(tmp_path / "a.log.1")
    (tmp_path / "a.log").write_text("three\n")
    again = waiting(tmp_path)
    assert [entry.key for entry in again[:3]] == [entry.key for entry in found]
    assert len({entry.key for entry in again}) == 4


def test_what_is_not_confirmed_is_read_again_and_what_is_sent_is_let_go(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.log").write_text("one\ntwo\n")
    queue = LogQueue(tmp_path)
    queue.scan()
    queue.commit(queue.batch(1, 1000))
    (tmp_path / "a.log").unlink()
    queue = LogQueue(tmp_path)
    queue.scan()
    assert texts(queue.batch(9, 1000)) == texts(queue.batch(9, 1000)) == ["two"]
    queue.commit(queue.batch(9, 1000))
    queue.scan()
    assert list((tmp_path / ".shipping" / "files").iterdir()) == []


def test_an_emptied_log_is_read_from_its_beginning(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("one, which is long\n")
    queue = LogQueue(tmp_path)
    queue.scan()
    queue.commit(queue.batch(9, 1000))
    (tmp_path / "a.log").write_text("two\n")
    assert texts(queue.batch(9, 1000)) == ["two"]


def test_last_words_without_a_line_end_are_sent_after_a_while(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("Killed")
    assert waiting(tmp_path) == []
    os.utime(tmp_path / "a.log", (0, 0))
    assert texts(waiting(tmp_path)) == ["Killed"]


def test_of_too_much_the_oldest_is_given_up(tmp_path: Path) -> None:
    queue = LogQueue(tmp_path)
    for number in range(3):
        (tmp_path / "a.log").write_text(f"line {number}\n")
        os.utime(tmp_path / "a.log", (number, number))
        queue.scan()
        (tmp_path / "a.log").unlink()
    queue.scan()
    assert queue.give_up(14) == {"a": 7}
    assert texts(queue.batch(9, 1000)) == ["line 1", "line 2"]
    # Also what comes when all was given up is sent.
    queue.commit(queue.batch(9, 1000)[1:])
    assert queue.give_up(0) == {}
    (tmp_path / "a.log").write_text("line 3\n")
    queue.scan()
    assert texts(queue.batch(9, 1000)) == ["line 3"]
