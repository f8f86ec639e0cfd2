"""Give a platform paths that every program's configuration can hold.

python3 -m mfplatform.state.plain_paths HOME ADMIN

Prints the two folders as programs are to know them, one a line. A path with signs that
mean something in one file format or another (#, ;, %, brackets, quotes) is reached by a
link in the folder of the platform's sockets, whose path is short and plain.

Needs nothing but Python itself.
"""

import os
import re
import sys
from pathlib import Path

from mfplatform.state import identity
from mfplatform.state.home import Home, PlatformError, private_folder, run_path

PLAIN = re.compile(r"[A-Za-z0-9_./+@=~ -]+")


def plain(home: Path, name: str, folder: Path) -> Path:
    """Return a path of a folder that is plain: its own, or that of a link to it.

    :raises PlatformError: somebody else has the place for the link.
    """
    if PLAIN.fullmatch(str(folder)):
        return folder
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    identity.settle(home, Home(home).settings.get("MF_RUN", ""))
    link = private_folder(run_path(home)) / name
    if not link.is_symlink() or link.readlink() != folder:
        new = link.with_name(f".{name}.{os.getpid()}")
        new.unlink(missing_ok=True)
        new.symlink_to(folder)
        new.replace(link)
    return link


def main(arguments: list[str]) -> int:
    """Print both paths."""
    home, admin = map(Path, arguments)
    if any(ord(sign) < 32 for sign in f"{home}{admin}"):
        print("mf: a path must not have control characters in it", file=sys.stderr)
        return 1
    try:
        print(plain(home, "home", home), plain(home, "admin", admin), sep="\n")
    except (PlatformError, OSError) as error:
        print(f"mf: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
