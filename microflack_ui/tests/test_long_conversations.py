"""However much somebody reads, what the page draws and keeps stays little."""

import time
from collections.abc import Callable
from typing import Any

from fake_api import FakeApi
from playwright.sync_api import CDPSession, expect
from visitor import Visitor

Visit = Callable[..., Visitor]

ROOMS, MESSAGES = 50, 10_000
READ_BACK = 600
MOST_DRAWN = 350
# By so much the reader scrolls at a time, in CSS pixels.
STEP_PX = 800
# Scrolls step by step until a message is in the page. Resolves to the ids that were in
# it on the way, and to how many were in it at most.
READ = """([step, goal]) => new Promise((resolve) => {
    const box = document.querySelector(".scroller");
    const seen = new Set();
    let most = 0;
    const go = () => {
        box.scrollTop += step;
        const found = [...document.querySelectorAll(".message")];
        most = Math.max(most, found.length);
        for (const one of found) seen.add(Number(one.dataset.anchor));
        if (seen.has(goal)) resolve({ seen: [...seen], most });
        else requestAnimationFrame(go);
    };
    go();
})"""
TRACED = ["toplevel", "devtools.timeline"]


def fill(api: FakeApi) -> None:
    """Make rooms, and have three people talk for long in that of everybody."""
    for name in ("grace", "bob"):
        api.add_user(name)
    for number in range(ROOMS):
        api.add_room(f"room {number}", 1, 2)
    begin = time.time() - 100 * MESSAGES
    for number in range(MESSAGES):
        text = f"{number}: " + "and so on " * (number * 37 % 40)
        api.add_message(1 + number // 2 % 3, text, begin + number * 100)


class Trace:
    """What the page's main thread does, task by task."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session
        self._events: list[dict[str, Any]] = []
        self._is_over = False
        session.on("Tracing.dataCollected", self._collect)
        session.on("Tracing.tracingComplete", self._end)
        config = {"includedCategories": TRACED}
        session.send("Tracing.start", {"traceConfig": config})

    def _collect(self, data: dict[str, Any]) -> None:
        self._events += data["value"]

    def _end(self, _data: dict[str, Any]) -> None:
        self._is_over = True

    def tasks(self, visitor: Visitor) -> list[float]:
        """Return how many milliseconds of CPU each task took, the longest first."""
        self._session.send("Tracing.end")
        while not self._is_over:
            visitor.page.wait_for_timeout(50)
        names = [one for one in self._events if one.get("name") == "thread_name"]
        mains = {
            (one["pid"], one["tid"])
            for one in names
            if one["args"]["name"] == "CrRendererMain"
        }
        tasks = [one for one in self._events if one.get("name", "").endswith("RunTask")]
        own = [one for one in tasks if (one["pid"], one["tid"]) in mains]
        return sorted((one.get("tdur", 0) / 1000 for one in own), reverse=True)


def test_ten_thousand_messages_are_read_up_and_down_and_few_are_drawn(
    api: FakeApi, ada: Visit
) -> None:
    fill(api)
    visitor = ada()
    expect(visitor.messages.last).to_contain_text(f"{MESSAGES - 1}:")
    trace = Trace(visitor.page.context.new_cdp_session(visitor.page))
    first, last = MESSAGES - READ_BACK, MESSAGES
    up = visitor.page.evaluate(READ, [-STEP_PX, first])
    down = visitor.page.evaluate(READ, [STEP_PX, last])
    for way in (up, down):
        # Nothing is left out on the way.
        assert set(range(first, last + 1)) <= set(way["seen"])
        assert way["most"] <= MOST_DRAWN
    expect(visitor.messages.last).to_contain_text(f"{MESSAGES - 1}:")
    longest = trace.tasks(visitor)[:5]
    print(f"the longest tasks: {[round(one) for one in longest]} ms of CPU")
