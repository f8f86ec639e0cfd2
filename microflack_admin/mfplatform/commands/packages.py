"""Print the Debian packages that are missing on this machine, one a line.

    python3 -m mfplatform.commands.packages [RUNTIME]

Those that the commands need, and those of a runtime if one is named. Runs with any
Python 3 before anything is installed.
"""

import importlib.util
import shutil
import sys
from collections.abc import Iterator

from mfplatform.runtime import base
from mfplatform.state.home import Home, PlatformError

# What the commands need whichever runtime it is: programs, and their packages.
PROGRAMS = {"curl": "curl", "git": "git"}


def missing(runtime: str) -> Iterator[str]:
    """Yield the packages whose programs are not there; "" means no runtime."""
    own = base.create(Home.here(), runtime).programs if runtime else {}
    for program, package in {**own, **PROGRAMS}.items():
        if shutil.which(program) is None:
            yield package
    if importlib.util.find_spec("ensurepip") is None:
        yield "python3-venv"


def main(arguments: list[str]) -> int:
    """Print what is missing."""
    try:
        for package in missing("".join(arguments)):
            print(package)
    except PlatformError as error:
        print(f"mfup: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
