"""Make links of the bare URLs in a message, in time proportional to its length."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from microflack_messages import bare_urls

# Whole URLs only: a name such as app.py looks like a host, and is none. Before a URL
# stands anything but what could belong to the name of its scheme.
SCHEME = re.compile(r"(?<![A-Za-z0-9])[hH][tT]{2}[pP][sS]?\Z")


def plugin(parser: MarkdownIt) -> None:
    """Add the rule to ``parser``, before those for emphasis, which URLs may contain."""
    parser.inline.ruler.before("escape", "bare_url", _bare_url)


def _bare_url(state: StateInline, silent: bool) -> bool:
    if state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    scheme = SCHEME.search(state.src, max(0, state.pos - 6), state.pos)
    if not scheme or not state.pending.endswith(scheme.group()):
        return False
    url = bare_urls.find(state.src, scheme.start(), state.posMax)
    target = state.md.normalizeLink(url)
    if not url or not state.md.validateLink(target):
        return False
    if not silent:
        state.pending = state.pending[: -len(scheme.group())]
        state.push("link_open", "a", 1).attrs = {"href": target}
        state.push("text", "", 0).content = url
        state.push("link_close", "a", -1)
    state.pos = scheme.start() + len(url)
    return True
