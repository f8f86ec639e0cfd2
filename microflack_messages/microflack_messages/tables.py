"""Recognise tables, unless a few characters would make a lot of cells.

Short rows of a table are filled up. What that adds is limited for each message; cells
that were typed are not counted, nor are pipes that belong to no table.
"""

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block import table as read_table

MAX_FILLED_CELLS = 10_000


def plugin(parser: MarkdownIt) -> None:
    """Put the limit around the rule of ``parser`` that reads tables."""
    parser.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})


def _table(state: StateBlock, begin: int, end: int, silent: bool) -> bool:
    """Read a table as ``read_table`` does.

    ``state.env`` remembers how many cells were filled up, and up to which line there is
    text whose table was refused: it is not looked at again.
    """
    if begin < state.env.get("refused_up_to", 0):
        return False
    if not read_table(state, begin, end, True):
        return False
    filled = state.env.get("filled_cells", 0)
    left = MAX_FILLED_CELLS - filled
    line, cells = _count(state, begin, end, left)
    if cells > left:
        state.env["refused_up_to"] = line
        return False
    if silent:
        return True
    state.env["filled_cells"] = filled + cells
    return read_table(state, begin, end, False)


def _count(state: StateBlock, begin: int, end: int, most: int) -> tuple[int, int]:
    """Return how many cells rows lack, and the first line that was not counted.

    Counts to the end of the table, or until there are more than ``most``.
    """
    columns = _cells(state, begin + 1)
    line, lacking = begin + 2, 0
    while line < end and not state.isEmpty(line) and lacking <= most:
        lacking += max(0, columns - _cells(state, line))
        line += 1
    return line, lacking


def _cells(state: StateBlock, line: int) -> int:
    """Return how many cells were typed in a line, or a few more."""
    text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
    text = text.strip()
    return text.count("|") + 1 - text.startswith("|") - text.endswith("|")
