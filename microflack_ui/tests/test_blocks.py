"""Tasks and tables in messages look as they were meant, and can be understood."""

from collections.abc import Callable

import pytest
from fake_api import FakeApi
from playwright.sync_api import Locator, expect
from test_axe import violations
from visitor import Visitor

Visit = Callable[..., Visitor]

# As the messages service renders them.
OPEN = '<label><input type="checkbox" disabled=""> '
DONE = '<label><input checked="" type="checkbox" disabled=""> '
TASKS = f"<ul><li>{DONE}bread</label></li><li>{OPEN}<b>milk</b></label></li></ul>"
LOOSE = f"<ol><li><p>{OPEN}tea</label></p></li></ol><ul><li>no task</li></ul>"
TABLE = "<table><thead><tr>" + "".join(
    f'<th align="{way}">{way} of it</th>' for way in ("left", "center", "right")
)
TABLE += '</tr></thead><tbody><tr><td>a</td><td>b</td><td align="right">c</td></tr>'


def style(element: Locator, name: str) -> str:
    """Return how an element is shown."""
    return str(element.evaluate(f"one => getComputedStyle(one).{name}"))


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_a_task_is_a_box_with_a_name_that_is_looked_at(
    api: FakeApi, ada: Visit, colours: str
) -> None:
    api.add_message(api.add_user("grace"), "t", markup=TASKS + LOOSE)
    visitor = ada(color_scheme=colours, reduced_motion="reduce")
    for name, is_done in (("bread", True), ("milk", False), ("tea", False)):
        box = visitor.page.get_by_role("checkbox", name=name, exact=True)
        expect(box).to_be_disabled()
        expect(box).to_be_checked(checked=is_done)
        line = visitor.page.locator(".body li").filter(has_text=name).first
        assert (line.bounding_box() or {})["height"] < 60
    items = visitor.page.locator(".body ul > li")
    shown = [style(item, "listStyleType") for item in items.all()]
    assert shown == ["none", "none", "disc"]
    assert violations(visitor.page) == []


def test_cells_are_aligned(api: FakeApi, ada: Visit) -> None:
    api.add_message(1, "t", markup=TABLE + "</tbody></table>")
    cells = ada().page.locator(".body :is(th, td)")
    expect(cells).to_have_count(6)
    shown = [style(cell, "textAlign") for cell in cells.all()]
    assert shown == ["left", "center", "right", "start", "start", "right"]
