"""Turn Markdown into safe HTML and say which pages it links to.

markdown-it-py passes no HTML of the author through; nh3 then lets only the elements
below pass, so a mistake in one of the two is caught by the other.
"""

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from microflack_messages import autolink

# A few characters can make a lot of HTML, such as a wide table. A message whose HTML is
# longer than this is shown as it was typed.
MAX_HTML_CHARACTERS = 256 * 1024
MAX_NESTING = 20
# Short rows of a table are filled up, so a table can have as many cells as its width
# times the lines of the message. Where that is more, tables are not recognised.
MAX_CELLS = 5000
# A message's headings stand below those of the page that shows it.
HEADINGS = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6", "h6": "h6"}

TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "a", "code", "pre", "blockquote"),
    *("h3", "h4", "h5", "h6", "ul", "ol", "li"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
CLEANER = nh3.Cleaner(
    tags=TAGS,
    attributes=ATTRIBUTES,
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="nofollow noopener noreferrer",
    set_tag_attribute_values={"a": {"target": "_blank"}},
)


@dataclass(frozen=True)
class Rendered:
    """A message as HTML, and the distinct web pages that it links to, in order."""

    html: str
    links: tuple[str, ...]


class _Renderer(RendererHTML):
    """Shows an image as a link, so that no browser loads it from elsewhere unasked."""

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """Return a link to the image, named by its alternative text."""
        token = tokens[idx]
        source = str(token.attrs["src"])
        name = self.renderInlineAsText(token.children or [], options, env)
        return f'<a href="{html.escape(source)}">{html.escape(name or source)}</a>'


def _parser() -> MarkdownIt:
    options = {"html": False, "breaks": True, "maxNesting": MAX_NESTING}
    parser = MarkdownIt("commonmark", options, renderer_cls=_Renderer)
    return parser.enable(["strikethrough", "table"]).use(autolink.plugin)


PARSER = _parser()
PARSER_WITHOUT_TABLES = _parser().disable("table")


def render(source: str) -> Rendered:
    """Return ``source``, which is Markdown, as HTML that is safe to show."""
    lines = source.split("\n")
    cells = max(line.count("|") for line in lines) * len(lines)
    parser = PARSER if cells <= MAX_CELLS else PARSER_WITHOUT_TABLES
    tokens = parser.parse(source)
    for token in tokens:
        token.tag = HEADINGS.get(token.tag, token.tag)
    links = tuple(dict.fromkeys(_links(tokens)))
    unsafe = parser.renderer.render(_unwrapped(tokens), parser.options, {})
    if len(unsafe) > MAX_HTML_CHARACTERS:
        return Rendered(_as_typed(source), links)
    return Rendered(CLEANER.clean(unsafe).strip(), links)


def _unwrapped(tokens: list[Token]) -> list[Token]:
    """Leave out the paragraph around a message that is one paragraph."""
    alone = len(tokens) == 3 and tokens[0].type == "paragraph_open"
    return tokens[1:2] if alone else tokens


def _links(tokens: Iterable[Token]) -> Iterable[str]:
    for token in tokens:
        url = str(token.attrs.get("href") or token.attrs.get("src") or "")
        if url.lower().startswith(("http://", "https://")):
            yield url
        yield from _links(token.children or [])


def _as_typed(source: str) -> str:
    return html.escape(source).replace("\n", "<br>\n")
