"""Make links of the bare URLs in a message, in time proportional to its length."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

# Whole URLs only: a name such as app.py looks like a host, and is none.
URL = re.compile(r"https?://[^\s<>\"`|\\\x00-\x20]+", re.IGNORECASE)
SCHEME = re.compile(r"(?<![^\W_])https?\Z", re.IGNORECASE)
# What ends a sentence or closes an emphasis does not belong to a URL.
TRAILING = ".,:;!?'*_~"
PAIRS = {")": "(", "]": "["}


def plugin(parser: MarkdownIt) -> None:
    """Add the rule to ``parser``, before those for emphasis, which URLs may contain."""
    parser.inline.ruler.before("escape", "bare_url", _bare_url)


def _bare_url(state: StateInline, silent: bool) -> bool:
    if state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    scheme = SCHEME.search(state.src, max(0, state.pos - 6), state.pos)
    match = scheme and URL.match(state.src, scheme.start(), state.posMax)
    if not scheme or not match or not state.pending.endswith(scheme.group()):
        return False
    url = trimmed(match.group())
    target = state.md.normalizeLink(url)
    if len(url) <= len("https://") or not state.md.validateLink(target):
        return False
    if not silent:
        state.pending = state.pending[: -len(scheme.group())]
        state.push("link_open", "a", 1).attrs = {"href": target}
        state.push("text", "", 0).content = state.md.normalizeLinkText(url)
        state.push("link_close", "a", -1)
    state.pos = scheme.start() + len(url)
    return True


def trimmed(url: str) -> str:
    """Return ``url`` without the punctuation of the sentence it stands in."""
    end = len(url)
    depth = {
        closing: url.count(closing) - url.count(PAIRS[closing]) for closing in PAIRS
    }
    while end:
        last = url[end - 1]
        if depth.get(last, 0) > 0:
            depth[last] -= 1
        elif last not in TRAILING:
            break
        end -= 1
    return url[:end]
