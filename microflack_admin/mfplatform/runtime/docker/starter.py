"""What an instance's container starts with where its secrets are in a store."""

from pathlib import Path

from mfplatform.runtime.docker.container import Mount
from mfplatform.secrets_store import start
from mfplatform.state.home import Home, write_private

TARGET = "/run/start.py"
# Put before the command of the image, which needs Python for it.
COMMAND = ("python3", TARGET)


def mount(home: Home) -> Mount:
    """Return how the container sees the program that fetches secrets."""
    # A copy, since a checkout may move.
    own = home.path / "containers" / "start.py"
    write_private(own, Path(start.__file__).read_text(encoding="utf-8"))
    # Another user reads it there; it is no secret.
    own.chmod(0o644)
    return Mount(own, TARGET, readonly=True)
