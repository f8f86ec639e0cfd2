"""A URL in a text ends where its sentence goes on, in any script."""

# Characters that look alike are what this is about.
# ruff: noqa: RUF001

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from microflack_common.text import is_visible
from microflack_messages.bare_urls import find
from microflack_messages.models import MAX_SOURCE_LENGTH
from microflack_messages.rendering import render

URL = "https://example.com/a"
UNHURRIED = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
PERSIAN = "می\u200cخواهم"
TEXT = st.text(
    st.one_of(
        st.sampled_from("htps:/.,-_~*()[]<>\"'`|\\%?#@&=ab1\u200b\u202e。「」（）"),
        st.characters(codec="utf-8"),
    ),
    max_size=40,
)


def found_in(text):
    """Return the URL that is found in ``text``, which has one at most."""
    start = text.find("http")
    return find(text, start, len(text))


@pytest.mark.parametrize("before", [*"看のㅎกйéßאع。「（“…—", "\u200b", "🙂", "_", "("])
def test_anything_but_what_could_be_of_its_scheme_may_stand_before_a_url(before):
    html = render(f"{before}{URL}").html
    assert f'<a href="{URL}" ' in html


@pytest.mark.parametrize("before", ["x", "7", "shttp"])
def test_part_of_another_word_in_ascii_is_no_url(before):
    assert "<a" not in render(f"{before}{URL}").html


@pytest.mark.parametrize(
    "after",
    [
        *"。、，．！？：；…‥⋯،؛؟۔।॥։።។།‼⁉¡¿•†｡､",  # punctuation
        *"”’“‘«»„‚〝〟＂＇",  # quotation marks
        *"）」』】》〉］｝〕｠﹂｣⦆",  # closing brackets without an opening one
        *"—―｜＜＞＆～",  # long dashes, full-width symbols
        *(
            "\u200b",
            "\u00ad",
            "\u202e",
            "\u2066",
            "\u2060",
            "\ufeff",
            "\u200c",
            "\u061c",
        ),
        *("\u3000", "\u00a0", "\u2028", "\u2029", "\u0085", "\u1680", "\u202f"),
        *("\u3164", "\u115f", "\u2800", "\u034f", "\ufffc", "\U000e0041"),
    ],
    ids=ascii,
)
def test_what_belongs_to_the_sentence_ends_a_url(after):
    for text in (URL + after, f"{URL}{after}続き", f"{URL}{after}x", f"{URL}.{after}"):
        assert found_in(text) == URL


@pytest.mark.parametrize(
    "text",
    [
        f"「{URL}」です", f"（{URL}）です", f"({URL})です", f"[{URL}]です",
        f"**{URL}**です",
        f"{URL}（see", f"{URL}・", f"{URL}–", f"{URL}།",
        f"({URL}),", f"~~{URL}~~x",
    ],
)  # fmt: skip
def test_brackets_and_emphasis_around_a_url_stay_outside(text):
    assert found_in(text) == URL


@pytest.mark.parametrize(
    "url",
    [
        f"{URL}（b）", f"{URL}_(b)_c", f"{URL}–b", f"{URL}・b", f"{URL}/日本語",
        f"{URL})b",
        f"{URL}/{PERSIAN}", f"{URL}/❤\ufe0f", f"{URL}/བོད་ལྗོངས", f"{URL}?b[]=1#c",
        "https://bücher.de", "https://例え.テスト/x", "https://i❤\ufe0f.ws/",
        "http://[::1]:80/",
        "http://a:b@example.com:8080/", "https://example.com./b", "https://localhost",
        f"http://{PERSIAN}.ir/", "HTTPS://EXAMPLE.COM", "https://l·l.cat",
    ],
)  # fmt: skip
def test_what_a_url_may_contain_belongs_to_it(url):
    assert find(url, 0, len(url)) == url
    assert find(f"{url} x", 0, len(url) + 2) == url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://example.com看", "https://example.com"),
        ("https://example.comを/b", "https://example.com"),
        ("https://example.com🙂", "https://example.com"),
        ("https://8.8.8.8看", "https://8.8.8.8"),
        ("https://example.com,then", "https://example.com"),
        ("https://example.com（b）", "https://example.com"),
        ("https://example.com:b", "https://example.com"),
        ("https://example.com:123456", "https://example.com"),
        ("https://example.com'b", "https://example.com"),
        ("https://", ""),
        ("https:///b", ""),
        ("https://.b", ""),
        ("https://。b", ""),
    ],
)
def test_a_host_ends_at_what_no_host_has(text, url):
    assert found_in(text) == url


@UNHURRIED
@given(before=TEXT, after=TEXT)
def test_the_text_of_a_bare_url_is_what_was_typed(before, after):
    text = f"{before}{URL}{after}"
    url = find(text, len(before), len(text))
    assert text[len(before) :].startswith(url)
    assert url.startswith("https://example.com")
    assert all(is_visible(char) or char in "\u200c\u200d\ufe0f" for char in url)


@UNHURRIED
@given(st.binary(min_size=1, max_size=20))
def test_what_is_escaped_in_a_url_is_never_shown_decoded(data):
    url = URL + "".join(f"%{byte:02X}" for byte in data)
    assert f">{url}</a>" in render(url).html
    assert f">{url}</a>" in render(f"<{url}>").html


@UNHURRIED
@given(TEXT)
def test_every_text_is_rendered(text):
    rendered = render(f"{text}.")
    assert rendered.html
    assert all(link.isascii() for link in rendered.links)


@pytest.mark.parametrize(
    "piece",
    [
        "https://a/（", "（https://a/「", "https://a/)看", "**https://a/", "https://a.b看/",
        "https://a/[（", "https://u:p@h/〈", "~~https://a/b",
    ],
)  # fmt: skip
def test_urls_that_follow_one_another_take_no_time(piece):
    source = (piece * 4000)[:MAX_SOURCE_LENGTH]
    begin = time.process_time()
    render(source)
    # Without a limit it was five seconds; others use this processor, too.
    assert time.process_time() - begin < 2


@pytest.mark.parametrize("length", [10, 500, 512, 513, 5000, 9000])
def test_a_url_may_be_as_long_as_it_likes(length):
    for url in (f"{URL}{'b' * length}（c）d", f"{URL}?{'（b）' * (length // 3)}"):
        assert find(f"{url} x", 0, len(url) + 2) == url
        assert find(f"{url}。次", 0, len(url) + 2) == url


def test_a_bracket_that_closes_far_away_is_one_of_the_sentence():
    far = f"{URL}（{'b' * 500}）c"
    assert find(far, 0, len(far)) == URL
