"""Print the logs of parts and instances as one stream.

python -m mfplatform.logs.show [-f] [-n N] [--raw] [--since TIME] [--level LEVEL]
    [--request ID] [SOURCE]
"""

import argparse
import os
import signal
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

from mfplatform.logs import choice
from mfplatform.logs.files import (
    Follower,
    SourceFilter,
    follow,
    merged,
    source_of,
    sources,
)
from mfplatform.logs.lines import Line, colour, readable
from mfplatform.state import colours
from mfplatform.state.home import Home

# With -f, so many past lines are shown unless -n says otherwise.
DEFAULT_TAIL_LINES = 20
# The column of the source is at least so wide, in characters.
MIN_SOURCE_WIDTH = 9


def source_filter(name: str | None) -> SourceFilter:
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
        self._colours = not raw and colours.are_wanted(sys.stdout)
        self._width = max([MIN_SOURCE_WIDTH, *map(len, names)])

    def __call__(self, lines: Iterable[Line]) -> None:
        """Write lines, at once."""
        for line in lines:
            print(self._format(line))
            sys.stdout.flush()

    def _format(self, line: Line) -> str:
        if self._raw:
            return line.text
        text = readable(line.text)
        text = colour(text, line.text) if self._colours else text
        return f"{line.source:<{self._width}} | {text}"


def tail(lines: Iterator[Line], number: int | None) -> Iterable[Line]:
    """Return the last ``number`` lines; all when it is None."""
    return lines if number is None else deque(lines, maxlen=number)


def source_tail(folder: Path, name: str, number: int) -> list[str]:
    """Return the last lines of one source, as `mflogs` shows them."""
    follower = Follower(folder / f"{name}.log")
    try:
        lines = tail(merged([follower]), number)
        return [f"{name} | {readable(line.text)}" for line in lines]
    finally:
        follower.close()


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line, which mflogs has checked."""
    parser = argparse.ArgumentParser(prog="mflogs")
    parser.add_argument("-f", dest="follow", action="store_true")
    parser.add_argument("-n", dest="number", type=int)
    parser.add_argument("--raw", action="store_true")
    parser.add_argument("--since")
    parser.add_argument("--level")
    parser.add_argument("--request")
    parser.add_argument("name", nargs="?")
    return parser.parse_args(arguments)


def show_all(options: argparse.Namespace, chosen: choice.Choice) -> int:
    """Print what is asked for; return the exit code."""
    folder: Path = Home.here().logs
    wanted = source_filter(options.name)
    names = [name for name in sources(folder) if wanted(name)]
    followers = [Follower(folder / f"{name}.log") for name in names]
    number = options.number
    if number is None and options.follow:
        number = DEFAULT_TAIL_LINES
    show = Printer(options.raw, map(source_of, folder.glob("*.log")))
    try:
        show(tail(filter(chosen, merged(followers, not options.follow)), number))
        if options.follow:
            show(filter(chosen, follow(folder, wanted, followers)))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read has seen enough; Python must not complain at its end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    finally:
        for follower in followers:
            follower.close()
    return 0


def main(arguments: list[str]) -> int:
    """Print what the command line asks for; return the exit code."""
    options = parse(arguments)
    try:
        chosen = choice.read(options.since, options.level, options.request)
    except ValueError as error:
        print(f"mflogs: {error}", file=sys.stderr)
        return 2
    return show_all(options, chosen)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main(sys.argv[1:]))
