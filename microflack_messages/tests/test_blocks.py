"""Blocks of a message that are more than paragraphs: tables, code, tasks."""

import re

import pytest

from microflack_messages import rendering


def render(source):
    return rendering.render(source).html


def test_cells_of_a_table_are_aligned_as_its_second_line_says():
    shown = render("|a|b|c|d|\n|:-|:-:|-:|-|\n|1|2|3|4|")
    for cell in ("th", "td"):
        found = re.findall(f"<{cell}( .*?)?>", shown)
        assert found == [' align="left"', ' align="center"', ' align="right"', ""]
    assert "style" not in shown


@pytest.mark.parametrize(
    ("info", "language"),
    [
        ("py", "py"),
        ("C++ title=x", "C++"),
        ("objective-c", "objective-c"),
        *[(info, None) for info in ("", "a;b", '"x', "&quot;", "f\u00f6", "x" * 33)],
    ],
)
def test_code_tells_its_language_by_a_plain_name(info, language):
    told = f' class="language-{language}"' if language else ""
    assert render(f"```{info}\nx\n```") == f"<pre><code{told}>x\n</code></pre>"


BOX = '<label><input type="checkbox" disabled=""> '
DONE = '<label><input checked="" type="checkbox" disabled=""> '


@pytest.mark.parametrize(
    ("source", "item"),
    [
        ("- [ ] a", f"{BOX}a</label>"),
        ("1. [x] *a*", f"{DONE}<em>a</em></label>"),
        ("* [X]\t a", f"{DONE}a</label>"),
        ("- [ ]\n  a", f"{BOX}a</label>"),
        ("- [x] <input>", f"{DONE}&lt;input&gt;</label>"),
        *[(f"- {text}", text) for text in ("[ ]", "[x]a", "[y] a", "a [ ] b")],
        ("- \\[ ] a", "[ ] a"),
    ],
)
def test_items_that_begin_with_a_mark_are_tasks(source, item):
    found = re.search(r"<li>(.*)</li>", render(source), re.DOTALL)
    assert found and found[1] == item


def test_a_mark_elsewhere_makes_no_task():
    for source in ("[ ] a", "- a\n\n  [ ] b", "> [ ] a", "- > [ ] a"):
        shown = render(source)
        assert "[ ] " in shown
        assert "<input" not in shown


def test_a_task_in_a_task_and_links_in_both():
    shown = render("- [x] http://a.b\n  - [ ] [b](http://c.d)")
    assert re.sub("<a .*?>", "<a>", shown).replace("\n", "") == (
        f"<ul><li>{DONE}<a>http://a.b</a></label>"
        f"<ul><li>{BOX}<a>b</a></label></li></ul></li></ul>"
    )
