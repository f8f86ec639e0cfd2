"""What a link shows, and which links get a card.

Inside a link an image is its text: there is no link in a link. A link that would show
nothing shows where it leads.
"""

from collections.abc import Iterable, Iterator

from markdown_it.token import Token

from microflack_common.text import is_visible

WEB = ("http://", "https://")
# What is seen even when it is empty: an image shows its address, an item its bullet.
SEEN = {
    *("hr", "image", "list_item_open", "blockquote_open"),
    *("fence", "code_block", "code_inline"),
}


def settle(tokens: Iterable[Token]) -> None:
    """Give each link of a message something to show."""
    for token in tokens:
        if token.type == "inline" and token.children:
            token.children = list(_settled(token.children))


def _settled(children: Iterable[Token]) -> Iterator[Token]:
    href, shown = "", False
    for token in children:
        if token.type == "link_open":
            href, shown = str(token.attrs.get("href", "")), False
        elif token.type == "link_close":
            if not shown and href.lower().startswith(WEB):
                yield _text(href)
            href = ""
        elif href and token.type == "image":
            token = _text(alternative(token))
        shown = shown or (bool(href) and is_visible(token.content))
        yield token


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def alternative(image: Token) -> str:
    """Return an image's alternative text, "" if there is nothing to see of it."""
    text = "".join(_plain(image.children or []))
    return text if is_visible(text) else ""


def _plain(children: Iterable[Token]) -> Iterator[str]:
    for token in children:
        if token.type == "image":
            yield from _plain(token.children or [])
        else:
            yield "\n" if token.type in {"softbreak", "hardbreak"} else token.content


def web_links(tokens: Iterable[Token]) -> Iterator[str]:
    """Yield the web pages and images that ``tokens`` lead to, in their order."""
    for token in tokens:
        url = str(token.attrs.get("href") or token.attrs.get("src") or "")
        if url.lower().startswith(WEB):
            yield url
        # What is inside an image's text leads nowhere.
        if token.type == "inline":
            yield from web_links(token.children or [])


def shows_something(tokens: Iterable[Token]) -> bool:
    """Return whether anything of a message can be seen."""
    for token in tokens:
        if token.type == "inline":
            if shows_something(token.children or []):
                return True
        elif token.type in SEEN or is_visible(token.content):
            return True
    return False
