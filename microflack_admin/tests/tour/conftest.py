"""A tour that is really played, by somebody who tries all that it says."""

import os
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
from chat import share

ADMIN = Path(__file__).resolve().parents[2]
PROMPT = "Press Enter to go on\n"
# What is to be typed stands that far to the right.
TYPED = "      "

# A shell ignores Ctrl-C for what it runs in the background, and so would the tour.
signal.signal(signal.SIGINT, signal.default_int_handler)


class Journey:
    """Where tours are played, and what somebody sees who does."""

    def __init__(self, home):
        self.home = home
        share(home / "tour", "tools", "wheelhouse", "image-store")
        # What each pause has shown, and what came of doing as it says.
        self.tried = []
        self.document = home / "document.json"

    @contextmanager
    def tour(self, *options):
        """Start a tour; its story is what the process says on standard error."""
        with (
            self.document.open("w") as out,
            subprocess.Popen(
                [ADMIN / "bin" / "mftour", "--json", *options],
                env=os.environ | {"MF_HOME": str(self.home)},
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            ) as process,
        ):
            try:
                yield process
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGINT)

    def travel(self):
        """Play all of it, and type in each pause what it says."""
        with self.tour("--pause") as process:
            shown = []
            for line in process.stderr:
                shown.append(line)
                if line == PROMPT:
                    self.tried.append(self.type(shown))
                    shown = []
                    process.stdin.write("\n")
                    process.stdin.flush()
            self.rest = "".join(shown)
            self.code = process.wait()

    def type(self, shown):
        """Type what a pause says into a new shell; return what that printed."""
        look = shown[shown.index("Look:\n") :]
        lines = [line for line in look if line.startswith(TYPED)]
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "".join(lines)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def processes(self):
        """Return the processes that have this folder on their command line."""
        done = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True)
        return [line for line in done.stdout.splitlines() if str(self.home) in line]


@pytest.fixture(scope="session")
def journey(tmp_path_factory):
    """Return a place for tours."""
    return Journey(tmp_path_factory.mktemp("journey"))
