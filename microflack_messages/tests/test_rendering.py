"""Markdown becomes HTML that is safe, and in time."""

import html
import re
import time
from html.parser import HTMLParser

import pytest

from microflack_messages import rendering
from microflack_messages.rendering import TAGS

LINK = ' target="_blank" rel="nofollow noopener noreferrer"'


@pytest.fixture
def render(client, ada):
    """Return a function that posts a message and returns its HTML."""

    def render(source):
        answer = client.post("/api/messages", json={"source": source}, headers=ada)
        assert answer.status_code == 201, answer.json
        return answer.json["html"]

    return render


@pytest.fixture(scope="module")
def settings(settings):
    """Return settings with which no page is asked for."""
    return settings | {"LINK_CARDS": "no"}


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("hello *world*!", "hello <em>world</em>!"),
        ("**a** ~~b~~ `c`", "<strong>a</strong> <s>b</s> <code>c</code>"),
        ("one\ntwo", "one<br>\ntwo"),
        ("one\n\ntwo", "<p>one</p>\n<p>two</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("# big", "<h3>big</h3>"),
        ("###### small", "<h6>small</h6>"),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>"),
        ("```\nx < 1\n```", "<pre><code>x &lt; 1\n</code></pre>"),
        ("4. a", '<ol start="4">\n<li>a</li>\n</ol>'),
        ("1 < 2 & 3", "1 &lt; 2 &amp; 3"),
        ("app.py, example.com, a@b.c", "app.py, example.com, a@b.c"),
        ('"quotes" -- ...', '"quotes" -- ...'),
        ("a://b http:// x", "a://b http:// x"),
    ],
)
def test_markdown_is_rendered(render, source, html):
    assert render(source) == html


@pytest.mark.parametrize(
    ("source", "url", "text"),
    [
        ("http://a.b", "http://a.b", "http://a.b"),
        ("[x](https://a.b)", "https://a.b", "x"),
        ("<https://a.b>", "https://a.b", "https://a.b"),
        ("HTTP://a.b/?c=1&d=2", "HTTP://a.b/?c=1&amp;d=2", "HTTP://a.b/?c=1&amp;d=2"),
        ("http://a.b/__init__.py", *["http://a.b/__init__.py"] * 2),
        ("http://a.b/c_(d)", *["http://a.b/c_(d)"] * 2),
        ("https://xn--80ak6aa92e.com/", *["https://xn--80ak6aa92e.com/"] * 2),
        ("<https://xn--80ak6aa92e.com/>", *["https://xn--80ak6aa92e.com/"] * 2),
        ("http://a.b/%E2%80%AE%20", *["http://a.b/%E2%80%AE%20"] * 2),
        ("<http://a.b/%E2%80%A8>", *["http://a.b/%E2%80%A8"] * 2),
        ("[x](http://BÜCHER.de)", "http://xn--bcher-kva.de", "x"),
        ("http://i❤.ws/é", "http://xn--i-7iq.ws/%C3%A9", "http://i❤.ws/é"),
        ("[](http://a.b)", *["http://a.b"] * 2),
        ("[\u200b](http://a.b)", "http://a.b", "\u200bhttp://a.b"),
        ("[![b](http://c.d/i.svg)](http://a.b)", "http://a.b", "b"),
        ("[![](http://c.d/i.svg)](http://a.b)", "http://a.b", "http://a.b"),
        ("[![![b](http://e)](http://c)](http://a.b)", "http://a.b", "b"),
        ("![\u3164](http://a.b)", *["http://a.b"] * 2),
        ("![[c](http://d.e)](http://a.b)", "http://a.b", "c"),
        ("![cat](http://a.b/cat.png)", "http://a.b/cat.png", "cat"),
        ("![](http://a.b/cat.png)", *["http://a.b/cat.png"] * 2),
    ],
)
def test_links_open_elsewhere_and_tell_nothing(render, source, url, text):
    assert render(source) == f'<a href="{url}"{LINK}>{text}</a>'


@pytest.mark.parametrize(
    ("source", "url"),
    [
        ("see http://a.b.", "http://a.b"),
        ("(http://a.b/c)", "http://a.b/c"),
        ("**http://a.b/c**", "http://a.b/c"),
        ("is it http://a.b/c?!", "http://a.b/c"),
        ("|http://a.b/c|\n|-|", "http://a.b/c"),
    ],
)
def test_a_sentence_around_a_link_stays_outside(render, source, url):
    assert f'<a href="{url}"{LINK}>{url}</a>' in render(source)


def test_a_table_is_rendered(render):
    shown = render("|a|b|\n|-|-|\n|1|2|")
    assert "<th>a</th>" in shown
    assert "<td>2</td>" in shown


CODE = "```\n" + "a | b | c\n" * 90 + "```\n\n"
TABLE = "|a|b|\n|-|-|\n" + "|1|2|\n" * 3


def test_pipes_elsewhere_do_not_count_for_a_table(render):
    assert "<td>2</td>" in render(CODE + TABLE)
    assert render(TABLE + "\n" + TABLE).count("<table>") == 2
    assert render("|a|b|\n|-|-|\n" + "|1|2|\n" * 2000).count("<td>") == 4000


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"], ids=["n", "r", "rn"])
def test_a_few_characters_make_no_large_table_whatever_ends_the_lines(end):
    lines = ["|" + "a|" * 400, "|" + "-|" * 400, *["a"] * 2000]
    begin = time.process_time()
    rendered = rendering.render(end.join(lines))
    assert "<table>" not in rendered.html
    assert rendered == rendering.render("\n".join(lines))
    assert time.process_time() - begin < 1


def test_text_after_a_table_that_is_refused_is_still_read(render):
    wide = "|" + "a|" * 400 + "\n|" + "-|" * 400 + "\n" + "a\n" * 100
    shown = render(f"{wide}\n*b*\n\n{TABLE}")
    assert "<em>b</em>" in shown
    assert shown.count("<table>") == 1


@pytest.mark.parametrize(
    "source", ["&#173;", "[a]: http://a.b", "#", "&nbsp;\n&#8203;"]
)
def test_what_would_show_nothing_is_shown_as_it_was_typed(render, source):
    assert render(source) == html.escape(source).replace("\n", "<br>\n")


@pytest.mark.parametrize("source", ["***", "-", ">", "```\n```", "` `"])
def test_what_shows_no_text_is_rendered_all_the_same(render, source):
    assert render(source).startswith(("<hr", "<ul", "<block", "<pre", "<code"))


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<iframe src=javascript:alert(1)></iframe>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:msgbox(1))",
        "![x](javascript:alert(1))",
        '![" onerror="alert(1)](http://a.b/c)',
        '[x](http://a.b "\\" onmouseover=\\"alert(1)")',
        '[x](http://a.b/"onmouseover="alert(1))',
        "<javascript:alert(1)>",
        "http://a.b/\"onmouseover='alert(1)'",
        "http://a.b/<script>alert(1)</script>",
        '```"><script>alert(1)</script>\nx\n```',
        "`<script>alert(1)</script>`",
        "[a]: javascript:alert(1)\n\n[a]",
        "<style>*{display:none}</style>",
        '<a href="javascript:alert(1)">x</a>',
        "<math><mtext><table><mglyph><style><!--</style><img onerror=alert(1)>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "[x](/api/users/me) [y](//evil.example)",
    ],
)
def test_nothing_active_gets_through(render, source):
    elements = Elements(render(source)).found
    assert {name for name, _ in elements} <= TAGS
    for _, attributes in elements:
        assert set(attributes) <= {"href", "title", "target", "rel"}
        assert re.match(r"https?://", attributes.get("href", "http://"))


class Elements(HTMLParser):
    """Collects the elements of a piece of HTML with their attributes."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_cards_can_be_turned_off(render, web):
    assert "link-card" not in render(web.titled("/page", "Title"))
    assert web.asked == []


REPEATED = (
    "[", "*", "_", "`", ">", "> ", "~", "![", "](", "[](", "<", "&", "http://", "- ",
    "**a *b ", "_a __", "1. ", "|", "|\n", "\\", "\n", "#", "[a](", "[a](<", "[a]: b\n",
    "*_", "<a ", "http://a.b(", "://", "http:", "!", "a**b", "x\n-\n", "<!--",
    "- a\n  ", "http://a.b/((((", "a\n=", "https://a,b.", "\u2028", "http://a.b ",
    "- [ ] a\n",
)  # fmt: skip
BUILT = {
    "nested lists": "".join("  " * i + "- a\n" for i in range(120)),
    "ticks": "".join("`" * i + "a" for i in range(1, 180)),
    "a wide table": "|" + "a|" * 1000 + "\n|" + "-|" * 1000 + "\n" + "a\n" * 8000,
    "a long table": "|" + "a|" * 60 + "\n|" + "-|" * 60 + "\n" + "a\n" * 8000,
    "brackets": "[" * 8000 + "]" * 8000,
    "filled tables": ("|" + "a|" * 50 + "\n|" + "-|" * 50 + "\n" + "a\n" * 99 + "\n")
    * 40,
    "delimiters": "|-|-|\n" * 2700,
    "joiners": "http://a.b/" + "م\u200c" * 8000,
    "brackets of a URL": "http://a.b/" + "「" * 16_000,
    "marks": "http://a.b/e" + "\u0301" * 16_000,
    "references": "[a]: /" + "x" * 1000 + "\n\n" + "[a] " * 3800,
}


@pytest.mark.parametrize(
    "source", [*REPEATED, *BUILT.values()], ids=[*REPEATED, *BUILT]
)
def test_hostile_markdown_is_rendered_in_time(render, source):
    begin = time.process_time()
    shown = render("x" + (source * 16_384)[:16_383])
    assert time.process_time() - begin < 3
    assert len(shown) <= 256 * 1024


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com:99999/",
        "https://256.256.256.256/",
        "https://1.2.3.4.5",
        "https://xn--a/",
        "https://a.xn--a.example/x",
        "http://0xfffffffff/",
    ],
)
def test_what_no_browser_can_open_is_no_link(url):
    for source in (url, f"[t]({url})", f"[t][1]\n\n[1]: {url}"):
        rendered = rendering.render(source)
        assert "<a" not in rendered.html
        assert url in rendered.html
        assert not rendered.links


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost",
        "https://1.2.3.4/",
        "http://a.example:65535/x",
        "https://[::1]",
    ],
)
def test_what_a_browser_can_open_is_a_link(url):
    assert f'<a href="{url}"' in rendering.render(url).html
    assert rendering.render(f"[t]({url})").links == (url,)
