"""Colours, where a terminal is. Whether any are wanted lib/common.bash decides.

Needs nothing but Python itself.
"""

import os
import sys
from typing import IO, TextIO

RED, GREEN, YELLOW, BOLD_RED = "31", "32", "33", "1;31"
SETTING = "MF_COLORS"


def are_wanted(stream: IO[str]) -> bool:
    """Say whether what is written to a stream is to have colours."""
    setting = os.environ.get(SETTING, "never")
    return setting == "always" or (setting == "auto" and stream.isatty())


def painted(text: str, colour: str) -> str:
    """Return a text in a colour."""
    return f"\x1b[{colour}m{text}\x1b[0m" if colour else text


class _ErrorMarker:
    """A stream on which the name of the command stands out that says what is wrong."""

    def __init__(self, stream: TextIO, command: str) -> None:
        self._stream, self._start = stream, f"{command}:"

    def write(self, text: str) -> int:
        """Write a text; what print() writes begins with a line."""
        if text.startswith(self._start):
            text = painted(self._start, BOLD_RED) + text[len(self._start) :]
        return self._stream.write(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


def mark_errors() -> None:
    """Have the name of the command stand out in front of what it says on errors."""
    command = os.environ.get("MF_COMMAND")
    if command and are_wanted(sys.stderr):
        sys.stderr = _ErrorMarker(sys.stderr, command)
