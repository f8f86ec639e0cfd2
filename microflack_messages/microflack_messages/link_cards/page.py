"""Find the title and the meta elements of a page, in time proportional to its length.

A parser makes a tree of the whole page, and a hostile page can make that cost minutes:
a megabyte holds 200,000 nested elements. So all that is neither title nor meta element
is skipped here as the tokenizer of HTML would, and the parser reads what is left.

Source: "Tokenization" in https://html.spec.whatwg.org/multipage/parsing.html.
"""

from dataclasses import dataclass, field

import regex
from selectolax.lexbor import LexborHTMLParser

MAX_TITLE_CHARACTERS = 10_000
MAX_META_CHARACTERS = 20_000
MAX_METAS = 500
# Browsers nest no deeper.
MAX_DEPTH = 512

# A ">" in a quoted value does not end the tag. What has no end goes on to the end.
_ATTRIBUTES = r"(?:[^>=]|=[\t\n\f\r ]*+(?:\"[^\"]*+\"|'[^']*+')?+)*+"
_OPEN = rf"{_ATTRIBUTES}(?:>|\Z)"
_NAME_ENDS = r"(?=[\t\n\f\r />])"
_NO_MARKUP = "style|textarea|xmp|iframe|noembed|noframes"
# Elements of these are no elements of the page's own.
_APART = "svg|math|template"
# In a script a comment may hold another one, whose end is not that of the first:
# "script data escaped" and "script data double escaped" of the standard.
_INNER = (
    rf"<script{_NAME_ENDS}(?:[^<\-]++|-(?!->)|<(?!/script{_NAME_ENDS}))*+"
    rf"(?:</script{_NAME_ENDS})?+"
)
_SCRIPT = (
    rf"<script{_NAME_ENDS}{_OPEN}(?:[^<]++|<(?!/script{_NAME_ENDS}|!--)"
    rf"|<!--(?:-?>|(?:[^<\-]++|-(?!->)|<(?!/?script{_NAME_ENDS})|{_INNER})*+(?:-->)?+))*+"
)
_SKIPPED = (
    r"[^<]++"
    r"|<!--(?:-?>|.*?(?:--!?>|\Z))"
    rf"|{_SCRIPT}"
    rf"|<(?P<raw>{_NO_MARKUP}){_NAME_ENDS}{_OPEN}"
    rf"[^<]*+(?:<(?!/(?P=raw){_NAME_ENDS})[^<]*+)*+"
    rf"|</(?!(?:head|{_APART}){_NAME_ENDS})[a-z]{_OPEN}"
    rf"|<(?!(?:title|meta|body|plaintext|{_APART}){_NAME_ENDS})[a-z]{_OPEN}"
    r"|<(?:[!?]|/(?![a-z]))[^>]*+(?:>|\Z)"
    r"|<(?![a-z/!?])"
)
_TITLE = (
    rf"<title{_NAME_ENDS}{_OPEN}(?P<title>[^<]*+(?:<(?!/title{_NAME_ENDS})[^<]*+)*+)"
    r"(?P<closed></title)?+"
)
_TOKEN = regex.compile(
    rf"(?:{_SKIPPED})*+(?:{_TITLE}"
    rf"|(?P<meta><meta{_NAME_ENDS}{_ATTRIBUTES}(?P<complete>>|\Z))"
    rf"|<(?P<leaves>/)?+(?P<apart>{_APART}){_NAME_ENDS}{_OPEN}"
    rf"|(?P<head_ends></head|<body){_NAME_ENDS}{_OPEN}"
    r"|<plaintext.*+)",
    regex.IGNORECASE | regex.DOTALL | regex.ASCII,
)


@dataclass
class Skimmed:
    """What a page, or its beginning, says of itself.

    ``title`` is None where none was complete; ``metas`` are the attributes of the meta
    elements, names in lower case; ``head_ends`` tells whether the head is complete.
    """

    title: str | None = None
    metas: list[dict[str, str]] = field(default_factory=list)
    head_ends: bool = False


def skim(text: str) -> Skimmed:
    """Return what ``text``, a page or its beginning, says of itself."""
    found = Skimmed()
    title, metas = "", []
    apart: list[str] = []
    position = 0
    while len(apart) <= MAX_DEPTH and (token := _TOKEN.match(text, position)):
        position = token.end()
        if token["apart"]:
            _enter_or_leave(apart, token)
        elif token["head_ends"]:
            found.head_ends = True
        elif token["meta"] and token["complete"] and "template" not in apart:
            # In a picture it would end the picture.
            apart.clear()
            metas.append(token["meta"])
        elif token["closed"] and not apart and not title:
            title = f"<title>{token['title'][:MAX_TITLE_CHARACTERS]}</title>"
    return _parsed(found, title, metas[:MAX_METAS])


def _enter_or_leave(apart: list[str], token: regex.Match[str]) -> None:
    name = token["apart"].lower()
    if not token["leaves"]:
        if name == "template" or not token.group().endswith("/>"):
            apart.append(name)
    elif name in apart:
        del apart[apart.index(name) :]


def _parsed(found: Skimmed, title: str, metas: list[str]) -> Skimmed:
    short = (meta for meta in metas if len(meta) <= MAX_META_CHARACTERS)
    tree = LexborHTMLParser(title + "".join(short))
    if title and (element := tree.css_first("title")):
        found.title = element.text()
    for element in tree.css("meta"):
        attributes = element.attributes.items()
        found.metas.append({name: value or "" for name, value in attributes})
    return found
