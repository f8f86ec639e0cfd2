"""How much of a list one answer holds."""

import json

import pytest

from microflack_common.pages import MAX_BYTES, within_bytes


def models(*sizes):
    return [{"id": number, "text": "x" * size} for number, size in enumerate(sizes)]


def ids(found):
    return [model["id"] for model in found]


def test_what_has_room_is_shown_whole():
    assert ids(within_bytes(models(*[100] * 500))) == list(range(500))
    assert within_bytes([]) == []


@pytest.mark.parametrize(("backwards", "kept"), [(False, [0, 1]), (True, [1, 2])])
def test_the_end_that_comes_later_is_left_out(backwards, kept):
    found = within_bytes(models(100, 100, 100), backwards, max_bytes=300)
    assert ids(found) == kept


@pytest.mark.parametrize("backwards", [False, True])
def test_one_is_shown_however_large(backwards):
    assert len(within_bytes(models(MAX_BYTES, MAX_BYTES), backwards)) == 1


def test_a_page_is_no_larger_than_said():
    found = within_bytes(models(*[1000] * 500))
    text = json.dumps(found, separators=(",", ":"))
    assert MAX_BYTES - 2000 < len(text) <= MAX_BYTES + 2
