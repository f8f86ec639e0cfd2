"""What a guide shows, and a terminal in which it is typed."""

import os
import re
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from daemons import wait_for
from platforms import ADMIN

# A paragraph, if there is one, and the block of code after it.
BLOCK = re.compile(r"((?:^\S.*\n)*)\n((?:^ {4}.*\n(?:\n+(?= {4}))?)+)", re.MULTILINE)
FILE = re.compile(r"`(\w+[/.][\w/.]+)` ")
FAILED = "-- a command failed --"
# Upgrades one after the other take long on a machine that has other things to do. What
# fails is seen at once.
TIMEOUT_SECONDS = 1800


class Guide:
    """One page of the documents."""

    def __init__(self, name: str) -> None:
        self._text = (ADMIN / "docs" / name).read_text()

    def _blocks(self, heading: str) -> list[tuple[str, str]]:
        """Return the paragraph and the code of each block in a section."""
        _, found, section = self._text.partition(f"# {heading}\n")
        assert found, heading
        section = re.split(r"^#", section, maxsplit=1, flags=re.MULTILINE)[0]
        return [
            (paragraph, re.sub(r"^ {4}", "", code, flags=re.MULTILINE))
            for paragraph, code in BLOCK.findall(section)
        ]

    def commands(self, heading: str) -> list[str]:
        """Return the blocks of commands in a section, in order."""
        blocks = self._blocks(heading)
        return [code for paragraph, code in blocks if not FILE.match(paragraph)]

    def write_files(self, heading: str, folder: Path) -> None:
        """Write a section's files: blocks whose paragraph begins with a file's name."""
        for paragraph, code in self._blocks(heading):
            if named := FILE.match(paragraph):
                path = folder / named[1]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(code)


class Terminal:
    """A shell in which commands are typed, all of which have to work.

    :param instead: what is typed in place of a port or a folder that the guide names,
        since those may be in use.
    """

    def __init__(
        self, folder: Path, env: Mapping[str, str], instead: Mapping[str, str]
    ) -> None:
        self._instead = instead
        self._typed = 0
        self._output = os.memfd_create("output")
        self._shell = subprocess.Popen(
            ["bash"],
            cwd=folder,
            env=env,
            stdin=subprocess.PIPE,
            stdout=self._output,
            stderr=self._output,
        )
        # Each command is a process group of its own, and it alone is interrupted.
        self.begin(f"set -m; trap : INT; trap 'echo {FAILED}' ERR")

    def __enter__(self) -> "Terminal":
        """Use it; in the end it is closed."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close it, with all that still runs in it."""
        for job in self._jobs():
            with suppress(ProcessLookupError):
                os.killpg(job, signal.SIGTERM)
        self._shell.kill()
        self._shell.communicate()
        os.close(self._output)

    def type(self, commands: str) -> str:
        """Type commands; return what they have printed, once all of them have ended."""
        begin = self.begin(commands)
        self._typed += 1
        end = f"-- end of {self._typed} --"
        self.begin(f"echo {end}")
        self.wait_for(end, begin)
        return self._printed(begin).partition(end)[0]

    def begin(self, commands: str) -> int:
        """Type commands that may go on; return where their output begins."""
        for one, other in self._instead.items():
            commands = commands.replace(one, other)
        begin = self._size()
        assert self._shell.stdin is not None
        self._shell.stdin.write(f"{commands}\n".encode())
        self._shell.stdin.flush()
        return begin

    def wait_for(self, text: str, begin: int) -> None:
        """Wait until a text has been printed."""

        def is_there() -> bool:
            printed = self._printed(begin)
            assert FAILED not in printed, printed
            return text in printed

        wait_for(is_there, TIMEOUT_SECONDS)

    def interrupt(self) -> None:
        """Press Ctrl-C, and wait until what ran has ended."""
        begin = self.begin("echo -- interrupted --")
        os.killpg(self._jobs()[-1], signal.SIGINT)
        wait_for(lambda: "-- interrupted --" in self._printed(begin))

    def _size(self) -> int:
        return os.fstat(self._output).st_size

    def _printed(self, begin: int) -> str:
        return os.pread(self._output, self._size() - begin, begin).decode()

    def _jobs(self) -> list[int]:
        """Return the commands that run, the latest one last."""
        shell = self._shell.pid
        children = Path(f"/proc/{shell}/task/{shell}/children").read_text()
        return [int(pid) for pid in children.split()]
