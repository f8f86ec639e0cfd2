"""Lists that are put together from what is known."""

import json

import pytest

from microflack_common.fragments import Fragments


class Table:
    """Rows by id, each with a tag and a model; it notes which rows are read."""

    def __init__(self):
        self.rows = {}
        self.read = []

    def put(self, row_id, text):
        self.rows[row_id] = (text, {"id": row_id, "text": text})

    def fetch(self, ids):
        self.read += ids
        return [(i, *self.rows[i]) for i in ids if i in self.rows]

    @property
    def listed(self):
        return [(i, tag) for i, (tag, _) in sorted(self.rows.items())]


@pytest.fixture
def table():
    """Return a table with two rows."""
    table = Table()
    table.put(1, "one")
    table.put(2, "two")
    return table


def texts(array):
    return [row["text"] for row in json.loads(array)]


def test_rows_are_read_once(table):
    fragments = Fragments()
    for _ in range(2):
        assert texts(fragments.array(table.listed, table.fetch)) == ["one", "two"]
    assert table.read == [1, 2]


def test_only_what_changed_is_read_again(table):
    fragments = Fragments()
    fragments.array(table.listed, table.fetch)
    table.put(2, "zwei")
    table.put(3, "drei")
    listed = table.listed
    assert texts(fragments.array(listed, table.fetch)) == ["one", "zwei", "drei"]
    assert table.read == [1, 2, 2, 3]


def test_the_order_is_that_of_the_list(table):
    fragments = Fragments()
    array = fragments.array(table.listed[::-1], table.fetch)
    assert texts(array) == ["two", "one"]


def test_a_row_that_changes_in_between_is_shown_as_it_is_now(table):
    fragments = Fragments()
    listed = table.listed
    table.put(1, "newer")
    assert texts(fragments.array(listed, table.fetch)) == ["newer", "two"]
    assert texts(fragments.array(table.listed, table.fetch)) == ["newer", "two"]
    assert table.read == [1, 2]


def test_a_row_that_is_gone_is_left_out(table):
    listed = table.listed
    del table.rows[1]
    assert texts(Fragments().array(listed, table.fetch)) == ["two"]


def test_an_empty_list_reads_nothing(table):
    assert Fragments().array([], table.fetch) == b"[]"
    assert table.read == []


def test_what_is_kept_is_bounded(table):
    fragments = Fragments(max_bytes=1000)
    for number in range(1000):
        table.put(number, "x" * 100)
    assert len(texts(fragments.array(table.listed, table.fetch))) == 1000
    assert sum(len(piece) for _, piece in fragments._kept.values()) < 1500


def test_an_answer_is_made_once_for_what_it_depends_on():
    fragments, made = Fragments(), []

    def make():
        made.append(len(made))
        return b"answer %d" % len(made)

    assert fragments.answer(("a", 1), make) == b"answer 1"
    assert fragments.answer(("a", 1), make) == b"answer 1"
    assert fragments.answer(("a", 2), make) == b"answer 2"
    assert len(made) == 2


def test_few_answers_are_kept():
    fragments = Fragments()
    for number in range(100):
        fragments.answer(number, lambda: b"x" * 1000)
    assert len(fragments._answers) <= 16
