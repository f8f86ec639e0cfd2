"""Leave the terminal to a command for a while."""

import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path


def call(program: Path, arguments: Sequence[str]) -> None:
    """Run a command, and wait until a person has read what it said.

    Ctrl-C ends the command, and nothing else.
    """
    print("+", program.name, *arguments, flush=True)
    with _interrupted_alone():
        subprocess.run([program, *arguments], check=False)
    with suppress(KeyboardInterrupt, EOFError):
        input("Enter leads back to mftop ")


@contextmanager
def _interrupted_alone() -> Iterator[None]:
    """Have Ctrl-C, which a terminal gives to all, end only what is called meanwhile.

    What is ignored here would be so in what is called, too; what is handled is not
    (signal(7)).
    """
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
