"""Make boxes of the marks with which items of a list begin: ``[ ]`` and ``[x]``.

As GitHub Flavored Markdown has them (0.29, section 5.3). The plugin that there is looks
back over the whole list for each of its items, and loses a mark that ends a line.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

MARK = re.compile(r"\[([ xX])\](?:[ \t]+|$)")
BREAKS = {"softbreak", "hardbreak"}


def plugin(parser: MarkdownIt) -> None:
    """Add the rule to ``parser``, after that which reads the text of paragraphs."""
    parser.core.ruler.after("inline", "tasks", _tasks)


def _tasks(state: StateCore) -> None:
    before = [Token("", "", 0)] * 2
    for token in state.tokens:
        types = [*(one.type for one in before), token.type]
        if types == ["list_item_open", "paragraph_open", "inline"]:
            _mark(token)
        before = [before[1], token]


def _mark(item: Token) -> None:
    """Put the box, with all that follows as its label, where an item's mark is."""
    children = item.children or []
    found = MARK.match(children[0].content) if children else None
    if not found or children[0].type != "text" or found.end() == len(item.content):
        return
    children[0].content = children[0].content[found.end() :]
    if not children[0].content and children[1].type in BREAKS:
        children = children[2:]
    box = Token("task_open", "label", 1, meta={"is_done": found[1] != " "})
    item.children = [box, *children, Token("task_close", "label", -1)]
