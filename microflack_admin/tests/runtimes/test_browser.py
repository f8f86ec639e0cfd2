"""The whole chat as containers, in two browsers."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from daemons import free_port
from engines import Engine
from platforms import ADMIN, Platform
from playwright.sync_api import Browser, expect, sync_playwright
from visitor import Visitor

FLAGS = ["--no-sandbox", "--disable-background-networking", "--no-first-run"]
PATIENCE_MS = 120_000


class Chat(Platform):
    """The checkout itself, with all its services, and a platform elsewhere."""

    def __init__(self, home: Path, tools_of: Platform, engine: Engine) -> None:
        # Not as other platforms: what old wheels are built from is in the history.
        self.folder = ADMIN.parent
        self.home = home
        self.port = free_port()
        self.engine = engine.address
        (home / "tools").symlink_to(tools_of.home / "tools")
        if "MF_RESULTS" in os.environ:
            kept = Path(os.environ["MF_RESULTS"]).parent
            (home / "wheelhouse").symlink_to(kept / "wheelhouse")

    def environment(self, **extra: str) -> dict[str, str]:
        """Return the environment of a person's shell."""
        return super().environment(MF_HOME=str(self.home), **extra)

    def remove(self) -> None:
        """Stop it, and leave nothing behind."""
        self.mf("mfdown")
        shutil.rmtree(self.home)


@pytest.fixture
def chat(engine: Engine, first_platform: Platform) -> Iterator[Chat]:
    """Return the whole chat, as containers."""
    chat = Chat(Path(tempfile.mkdtemp(prefix="mf chat ")), first_platform, engine)
    try:
        chat.done("mfup", "--docker")
        yield chat
    finally:
        chat.remove()


@pytest.fixture
def browser() -> Iterator[Browser]:
    """Return a browser."""
    path = shutil.which("chromium")
    if not path:
        pytest.fail("This test drives Chromium: apt-get install chromium", False)
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def test_two_people_chat_on_containers(
    engine: Engine, chat: Chat, browser: Browser
) -> None:
    url = f"http://127.0.0.1:{chat.port}"
    people = [Visitor(browser.new_context().new_page(), url) for _ in range(2)]
    for person, nickname in zip(people, ("ada", "grace"), strict=True):
        person.page.get_by_role("button", name="Create an account").click()
        person.sign_in(nickname)
    people[0].say("hello *grace*!")
    seen = people[1].messages.filter(has_text="hello grace!")
    expect(seen.locator("em")).to_have_text("grace")
    people[1].say("hello ada")
    expect(people[0].messages.filter(has_text="hello ada")).to_be_visible()
    assert [problem for person in people for problem in person.problems] == []
    sizes = engine.docker("image", "ls", "--format", "{{.Repository}} {{.Size}}")
    for service in chat.status()["instances"]:
        assert f"microflack_{service['service']} " in sizes
