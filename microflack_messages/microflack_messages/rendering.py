"""Turn Markdown into safe HTML and say which pages it links to.

markdown-it-py passes no HTML of the author through; nh3 then lets only the elements
below pass, so a mistake in one of the two is caught by the other.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from microflack_messages import autolink, inline_links, tables, tasks, web_address

# A few characters can make a lot of HTML, such as a wide table. A message whose HTML is
# longer than this is shown as it was typed.
MAX_HTML_CHARACTERS = 256 * 1024
MAX_NESTING = 20
# A message's headings stand below those of the page that shows it.
HEADINGS = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6", "h6": "h6"}

TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "a", "code", "pre", "blockquote"),
    *("h3", "h4", "h5", "h6", "ul", "ol", "li"),
    *("table", "thead", "tbody", "tr", "th", "td", "label", "input"),
}
ATTRIBUTES = {
    "a": {"href", "title"},
    "code": {"class"},
    "input": {"checked", "type", "disabled"},
    "ol": {"start"},
}
ALIGNMENTS = {"left", "center", "right"}
# The class tells the language of code.
LANGUAGE = re.compile(r"language-[A-Za-z0-9_.+#-]{1,32}")


def _keep(tag: str, name: str, value: str) -> str | None:
    if tag == "code" and name == "class" and not LANGUAGE.fullmatch(value):
        return None
    return value


CLEANER = nh3.Cleaner(
    tags=TAGS,
    attributes=ATTRIBUTES,
    attribute_filter=_keep,
    tag_attribute_values={tag: {"align": ALIGNMENTS} for tag in ("th", "td")},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="nofollow noopener noreferrer",
    set_tag_attribute_values={
        "a": {"target": "_blank"},
        "input": {"type": "checkbox", "disabled": ""},
    },
)


@dataclass(frozen=True)
class Rendered:
    """A message as HTML, and the distinct web pages that it links to, in order."""

    html: str
    links: tuple[str, ...]


class _Renderer(RendererHTML):
    """Shows an image as a link, so that no browser loads it from elsewhere unasked.

    Boxes of tasks can only be looked at: their text is their label.
    """

    def task_open(
        self, tokens: Sequence[Token], idx: int, _options: Any, _env: Any
    ) -> str:
        """Return the box that begins a task."""
        checked = ' checked=""' if tokens[idx].meta["is_done"] else ""
        # All of it: what the sanitiser has to add comes in no order.
        return f'<label><input{checked} type="checkbox" disabled=""> '

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """Return a link to the image, named by its alternative text."""
        token = tokens[idx]
        source = str(token.attrs["src"])
        name = inline_links.alternative(token) or source
        return f'<a href="{html.escape(source)}">{html.escape(name)}</a>'


class _Parser(MarkdownIt):
    """Reads Markdown. The text of a URL is what was typed, never a friendlier one."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802
        """Return what a link leads to."""
        return web_address.normalized(url)

    def validateLink(self, url: str) -> bool:  # noqa: N802
        """Say whether ``url`` may be a link: one that leads nowhere stays as typed."""
        return super().validateLink(url) and (
            not url.lower().startswith(inline_links.WEB)
            or web_address.is_plain(url)
            or " href=" in CLEANER.clean(f'<a href="{html.escape(url)}"></a>')
        )

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802
        """Return what is shown of a link that is its own text."""
        return link


def _parser() -> MarkdownIt:
    options = {"html": False, "breaks": True, "maxNesting": MAX_NESTING}
    parser = _Parser("commonmark", options, renderer_cls=_Renderer)
    parser.enable(["strikethrough", "table"])
    return parser.use(autolink.plugin).use(tables.plugin).use(tasks.plugin)


PARSER = _parser()


def render(source: str) -> Rendered:
    """Return ``source``, which is Markdown, as HTML that is safe to show.

    What would be shown as nothing, or as more than a message may be, is shown as it was
    typed.
    """
    # The only line ends that the parser knows, and all limits are taken of.
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    tokens = PARSER.parse(source)
    for token in tokens:
        token.tag = HEADINGS.get(token.tag, token.tag)
        _align(token)
    inline_links.settle(tokens)
    if not inline_links.shows_something(tokens):
        return Rendered(_as_typed(source), ())
    links = tuple(dict.fromkeys(inline_links.web_links(tokens)))
    unsafe = PARSER.renderer.render(_unwrapped(tokens), PARSER.options, {})
    if len(unsafe) > MAX_HTML_CHARACTERS:
        return Rendered(_as_typed(source), links)
    return Rendered(CLEANER.clean(unsafe).strip("\n"), links)


def _unwrapped(tokens: list[Token]) -> list[Token]:
    """Leave out the paragraph around a message that is one paragraph."""
    alone = len(tokens) == 3 and tokens[0].type == "paragraph_open"
    return tokens[1:2] if alone else tokens


def _align(cell: Token) -> None:
    """Say by an attribute how a cell is aligned: the page takes no styles from here."""
    style = str(cell.attrs.pop("style", ""))
    if style:
        cell.attrs["align"] = style.removeprefix("text-align:")


def _as_typed(source: str) -> str:
    return html.escape(source).replace("\n", "<br>\n")
