"""Title and description are found wherever a browser finds them, in time."""

# Characters that look alike are part of this.
# ruff: noqa: RUF001

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from microflack_messages.link_cards import opengraph
from microflack_messages.link_cards.page import skim

MEBIBYTE = 2**20
PERSIAN = "می\u200cخواهم"
FAMILY = "\u200d".join("👨👩👧")
REAL = "<title>Real</title>"
OG = '<meta property="og:title" content="Real">'


@pytest.mark.parametrize(
    "page",
    [
        "<title>Real</title>",
        "<TITLE lang=en >\n Real\n</TITLE\n>",
        '<script>var a="</head>"</script><title>Real</title>',
        '<script>a = "<title>x</title>"</script><title>Real</title>',
        "<style>/* <title>x</title> */</style><title>Real</title>",
        "<!-- <title>x</title> --><title>Real</title>",
        "<!--><title>Real</title><!-- -->",
        "<![nonsense><?x y><title>Real</title>",
        "<svg><title>x</title></svg><title>Real</title>",
        "<svg><title>x</title><svg/></svg><title>Real</title>",
        "<template><title>x</title></template><title>Real</title>",
        "<textarea><title>x</title></textarea><title>Real</title>",
        '<a title="<title>x</title>"><title>Real</title>',
        "<title></title><title>x</title>" + OG,
        "<body><p>1 < 2</p><title>Real</title>",
        "<noscript><title>Real</title></noscript>",
        "<script>" + "x = 1;" * 50_000 + "</script>" + OG,
        "<title>x</title></head><body><div>" + OG,
        f"<svg>{OG}",
        "<meta content='Real' name='og:title'/>",
        '<meta content="Real" property=" twitter:title  og:title ">',
        '<meta property="og:title" content=" ">' + OG,
        '<meta data-a=">" property="OG:Title" content="Re&#97;l">',
        "<script><!-- <script> </script><title>x</title> --></script>" + REAL,
        "<script>'<!--<script>'</script><title>x</title>--></script>" + REAL,
        "<script><!--<script></script></script>" + REAL,
        "<script><!--><script></script>" + REAL,
        "<script>if (a<b && c-->0) {} <!-- </script>" + REAL,
    ],
)
def test_the_title_is_found(page):
    assert opengraph.read(skim(page))[0] == "Real"


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("<title>Why <script> blocks</title>", "Why <script> blocks"),
        ("<title>a &amp; b &lt;c></title>", "a & b <c>"),
        ("<title>a </titles> b</title>", "a </titles> b"),
        (f"<title>{PERSIAN}</title>", PERSIAN),
        (f"<title>{FAMILY}</title>", FAMILY),
        ("<title>a\u202eb\u2066c\u200bd\u00ade\ufeff\x07</title>", "abcde"),
        ("<title>a\u2028b\u3000\n c</title>", "a b c"),
        ("<title>\u200b\u2800</title>", ""),
        ("<template><title>x</title>", ""),
        ("<plaintext><title>x</title>", ""),
        ("<meta property=og:title content=x", ""),
        ("<svg><title>x</title>", ""),
        ("", ""),
    ],
)
def test_a_title_is_what_a_browser_makes_of_it(page, title):
    assert opengraph.read(skim(page)) == (title, "")


@pytest.mark.parametrize(
    "character", [FAMILY, "🇩🇪", "e\u0301\u0323", "क्षि", "👍🏽", "\r\n한"]
)
def test_texts_are_cut_between_characters(character):
    for before in range(110, 121):
        cut = opengraph.cut("x" * before + character * 20, 119)
        whole = cut.lstrip("x")
        assert len(cut) <= 119
        assert whole == (character * 20)[: len(whole)].rstrip()
        assert len(whole) % len(character) == 0 or character.startswith("\r")


def test_a_character_that_is_longer_than_a_title_is_cut_too():
    title, _ = opengraph.read(skim("<title>e" + "\u0301" * 5000 + "</title>"))
    assert len(title) == 120


HOSTILE = (
    *("<", "<a ", '<a b="', "<a b='", "='", "<!--", "<!", "</", "<title>", "<title"),
    *("<title></titl", "<title>a</title>", "<meta a=b>", "<meta a='", "<template>"),
    *("<svg>", "<svg></svg>", "<svg></math>", "<svg><math><template>", "<div>", "= "),
    *(
        "<script>",
        "<script></script>",
        "</head>",
        "\x00",
        "<b a=1><p>",
        "\u0301",
        "&#9",
    ),
)


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize("before", ["", "<title>", "<a "])
def test_a_hostile_page_is_read_in_time(before, piece):
    page = (before + piece * MEBIBYTE)[:MEBIBYTE]
    begin = time.process_time()
    opengraph.read(skim(page))
    assert time.process_time() - begin < 5


def test_more_of_a_page_is_not_needed_when_all_is_known():
    description = '<meta name="description" content="d">'
    assert opengraph.is_enough(skim(f"<title>t</title>{description}</head>"))
    assert opengraph.is_enough(skim(f"<title>t</title>{description}<body>"))
    assert opengraph.is_enough(skim(OG + description.replace("desc", "og:desc")))
    assert not opengraph.is_enough(skim(f"<title>t</title>{description}"))
    assert not opengraph.is_enough(skim("<title>t</title></head><body>"))
    assert not opengraph.is_enough(skim(OG + description))


PIECES = (
    "<script> </script> <!-- --> <title> </title> <style> </style> <textarea> x - < >"
    ' </textarea> <script </script --!> <! <? " / <body> </head> <p\u00a0a="'
)
ENDS = '"></script></style></textarea></title><title>x</title>'


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*PIECES.split(" "), " "]), max_size=12))
def test_a_real_parser_finds_the_same_title(pieces):
    page = "".join(pieces).replace("\u00a0", " ") + ENDS
    found = LexborHTMLParser(page).css_first("title")
    assert (skim(page).title or "") == (found.text() if found else "")
