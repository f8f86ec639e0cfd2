"""What is found by which words."""

import random

import pytest

from microflack_messages.search import bitmaps
from microflack_messages.search.terms import (
    MAX_TERM_BYTES,
    MAX_WORD_LENGTH,
    after,
    query_of,
    terms_of,
)


def is_found(text, q):
    """Say whether a text matches, and see that the index says the same or more."""
    query, terms = query_of(q), terms_of(text)
    indexed = terms.issuperset(query.exact_terms()) and all(
        any(first <= term < after(first) for term in terms)
        for first in query.beginnings()
    )
    matches = query.matches(text)
    assert indexed or not matches
    return matches and not query.is_empty()


@pytest.mark.parametrize(
    ("text", "q"),
    [
        ("Hello World", "hello"),
        ("Hello World", "world HELLO"),
        ("Hello World", "wor hel"),
        ("Hello World", "h w"),
        ("Crème brûlée", "creme BRULEE"),
        ("creme brulee", "Crème"),
        ("Ångström, Łódź, Øresund", "angstrom lodz ore"),
        ("ΑΘΗΝΑ Αθήνα", "αθηνα"),
        ("Ёлка", "елка"),
        ("STRASSE", "straße"),
        ("straße", "STRASS"),
        ("\ufb01ne \uff57\uff49\uff44\uff45", "fine wide"),
        ("東京都に住んでいます", "京都"),
        ("東京都に住んでいます", "都"),
        ("東京都に住んでいます", "住んで 東京"),
        ("ｶﾞｲﾄﾞ", "ガイド"),
        ("안녕하세요 세계", "하세"),
        ("我爱Python编程", "python 编程"),
        ("我爱Python编程", "爱python"),
        ("สวัสดีครับ", "ดีค"),
        ("v1.2.3 of snake_case", "snake case v1 2"),
        ("https://example.com/some/page?x=1", "example.com page"),
        ("don't", "don't"),
        ("so\u00adft", "soft"),
        ("नमस्ते दुनिया", "नमस्ते"),
        ("x" * 100, "x" * 60),
        ("مُحَمَّد", "محمد"),
        ("𠮷野家", "𠮷"),
    ],
)
def test_a_text_is_found(text, q):
    assert is_found(text, q)


@pytest.mark.parametrize(
    ("text", "q"),
    [
        ("Hello World", "ello"),
        ("Hello World", "hello there"),
        ("Hello World", "helloworld"),
        ("京都と東大", "東京"),
        ("東京 京都", "東京都"),
        ("ガイド", "カイト"),
        ("नमस्ते", "नमसत"),
        ("x" * 100, "x" * 60 + "y"),
        ("!!!", "!!!"),
        ("", "a"),
    ],
)
def test_another_one_is_not(text, q):
    assert not is_found(text, q)


def test_terms_fit_into_their_column():
    for text in ("😀𠮷" * 99, "\U0001d5ba" * 99, "字" * 99, "a" * 99, "ß" * 99):
        assert max(map(len, terms_of(text)), default=0) <= MAX_TERM_BYTES
    long = terms_of("a" * 99) - terms_of("aaa")
    assert {len(term) for term in long} == {1 + MAX_WORD_LENGTH}


def test_the_last_possible_term_is_among_those_that_begin_so():
    assert b"w" + "ab\U0010ffff".encode() < after(b"wab") < b"wac"


@pytest.mark.parametrize("count", [0, 1, 2, 255, 256, 257, 4000, 4096])
def test_sets_come_back_as_they_were(count):
    positions = random.Random(count).sample(range(bitmaps.BLOCK_SIZE), count)
    bits = sum(1 << one for one in positions)
    data = bitmaps.encode(bits)
    assert len(data) <= bitmaps.BLOCK_SIZE // 8
    assert bitmaps.decode(data) == bits
    found = list(bitmaps.ids(3, bits))
    assert found == sorted((3 * 4096 + one for one in positions), reverse=True)
