"""The main states of the page, judged by axe-core."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fake_api import FakeApi
from main_states import MAGNIFIED, PHONE, states
from playwright.sync_api import Page
from visitor import Visitor

Visit = Callable[..., Visitor]

AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"


def violations(page: Page) -> list[str]:
    """Return what axe-core finds fault with."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run({ resultTypes: ['violations'] })")
    return [
        f"{one['id']}: {node['html']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize(
    "screen", [{}, PHONE, MAGNIFIED], ids=["wide", "phone", "400%"]
)
def test_axe_finds_no_fault(
    api: FakeApi, visit: Visit, colours: str, screen: dict[str, object]
) -> None:
    api.change_user(api.add_user("ada"), admin=True)
    grace = api.add_user("grace", online=False)
    room = api.add_room("design", grace, 1)
    api.add_message(grace, "a sketch", room=room)
    api.add_room("", 1, grace, kind="direct")
    eve = api.add_user("eve")
    api.add_message(eve, "not shown")
    api.set_block(1, eve, True)
    api.stored = {"messages": 4, "file_bytes": 5_200_000}
    api.react(api.add_message(grace, "one"), 1, "👍")
    api.add_message(grace, "two", markup="<pre><code>two</code></pre>")
    message = api.add_message(1, "three, @ada", reply_to=3)
    api.change_message(message, "three, @ada and @grace")
    # So that the colours are not those of the middle of a movement.
    visitor = visit(color_scheme=colours, reduced_motion="reduce", **screen)
    found = {state: violations(visitor.page) for state in states(api, visitor)}
    assert {state: faults for state, faults in found.items() if faults} == {}


def test_axe_finds_what_is_faulty(ada: Visit) -> None:
    visitor = ada()
    visitor.composer.evaluate("field => document.querySelector('label').remove()")
    visitor.page.get_by_placeholder("Write a message").evaluate(
        "field => field.removeAttribute('placeholder')"
    )
    assert any(one.startswith("label:") for one in violations(visitor.page))
