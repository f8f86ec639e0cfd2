"""Print the logs of parts and instances as one stream.

python -m mfplatform.logs.show [-f] [-n N] [--raw] [SOURCE]
"""

import argparse
import os
import signal
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

from mfplatform.logs.files import Follower, Wanted, growing, merged, source_of, sources
from mfplatform.logs.lines import Line, paint, readable
from mfplatform.state.home import Home

# With -f, what is shown of the past unless -n says otherwise.
RECENT = 20


def selection(name: str | None) -> Wanted:
    """Return a test for the sources that a name means: a service's, or itself."""

    def wanted(source: str) -> bool:
        stem, dash, number = source.rpartition("-")
        of_service = bool(dash) and stem == name and number.isdigit()
        return name is None or source == name or of_service

    return wanted


class Printer:
    """Writes lines, each with its source in front, in a column of its own."""

    def __init__(self, raw: bool, names: Iterable[str]) -> None:
        self._raw = raw
        self._colours = not raw and sys.stdout.isatty()
        self._width = max([9, *map(len, names)])

    def __call__(self, lines: Iterable[Line]) -> None:
        """Write lines, at once."""
        for line in lines:
            print(self._format(line))
            sys.stdout.flush()

    def _format(self, line: Line) -> str:
        if self._raw:
            return line.text
        text = readable(line.text)
        text = paint(text, line.text) if self._colours else text
        return f"{line.source:<{self._width}} | {text}"


def last(lines: Iterator[Line], number: int | None) -> Iterable[Line]:
    """Return the last of some lines; all when no number is given."""
    return lines if number is None else deque(lines, maxlen=number)


def main(arguments: list[str]) -> int:
    """Print what is asked for."""
    parser = argparse.ArgumentParser(prog="mflogs")
    parser.add_argument("-f", dest="follow", action="store_true")
    parser.add_argument("-n", dest="number", type=int)
    parser.add_argument("--raw", action="store_true")
    parser.add_argument("name", nargs="?")
    options = parser.parse_args(arguments)
    folder: Path = Home.here().logs
    wanted = selection(options.name)
    names = [name for name in sources(folder) if wanted(name)]
    followers = [Follower(folder / f"{name}.log") for name in names]
    number = options.number
    if number is None and options.follow:
        number = RECENT
    show = Printer(options.raw, map(source_of, folder.glob("*.log")))
    try:
        show(last(merged(followers), number))
        if options.follow:
            show(growing(folder, wanted, followers))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read has seen enough; Python must not complain at its end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    finally:
        for follower in followers:
            follower.close()
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main(sys.argv[1:]))
