"""A monolith, brought up as a user would, and browsers that use it."""

import pytest
from chat import Platform
from moving import Town
from people import chromium, person, visit
from talking import Talker

__all__ = ["chromium", "person", "platform", "visit"]


class Monolith(Platform):
    """The chat in one process: the same commands, the same URL."""

    shared = ()

    def __init__(self, home, tools=None):
        super().__init__(home)
        self._tools = tools and tools.resolve()
        if tools:
            self.move_to(home)

    def move_to(self, home):
        """Have another home, with nothing but the tools in it."""
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (home / "tools").symlink_to(self._tools)
        self.home, self.environ["MF_HOME"] = home, str(home)

    def without(self):
        """Return the services that it leaves to others, as they are recorded."""
        return self._recorded("settings.env").get("MF_WITHOUT", "")

    def up(self, check=True, **settings):
        """Bring it up; return what mfup did."""
        self.environ |= settings
        return self.run("mfup", "--monolith", check=check)


@pytest.fixture(scope="session")
def platform(tmp_path_factory):
    """Bring a monolith up, and down at the end."""
    platform = Monolith(tmp_path_factory.mktemp("monolith") / "a home")
    try:
        result = platform.up()
        assert result.stdout.splitlines()[-1].rstrip("/") == platform.url
        yield platform
    finally:
        platform.run("mfdown", check=False)


@pytest.fixture(scope="module")
def own(platform, tmp_path_factory):
    """Bring a monolith up that a file's tests may stop and kill; each leaves it up."""
    folder = tmp_path_factory.mktemp("own")
    found = Monolith(folder / "monolith", tools=platform.home / "tools")
    try:
        found.up()
        yield found
    finally:
        found.run("mfdown", check=False)


@pytest.fixture
def another(platform, tmp_path):
    """Return another monolith, which is not up; it is down at the end."""
    found = Monolith(tmp_path / "another", tools=platform.home / "tools")
    yield found
    found.run("mfdown", check=False)


@pytest.fixture(scope="module")
def town(platform, tmp_path_factory):
    """Bring a platform up, with a monolith behind it."""
    folder = tmp_path_factory.mktemp("town")
    monolith = Monolith(folder / "monolith", tools=platform.home / "tools")
    found = Town(folder / "platform", monolith)
    try:
        found.begin()
        yield found
    finally:
        found.end()


@pytest.fixture
def talkers(town):
    """Have people chat until the test ends."""
    found = [Talker(town.url) for _ in range(3)]
    for one in found:
        one.start()
    yield found
    for one in found:
        one.done.set()
        one.join()
