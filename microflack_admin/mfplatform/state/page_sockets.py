"""The sockets at which parts serve what the load balancer has for operators.

Their folder lies in HAProxy's own, the only one of the platform that it sees as a
container, too. Paths of sockets must be short: a link leads there from all others.
"""

import os
from pathlib import Path

from mfplatform.state.home import Home

NAME = "pages"


def folder(home: Home) -> Path:
    """Return the folder, by its short path."""
    return home.run / NAME


def have(home: Home) -> None:
    """Have the folder there, and the link to it.

    :raises OSError: they cannot be made.
    """
    own = (home.path / "haproxy" / NAME).absolute()
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    link = folder(home)
    if not link.is_symlink() or link.readlink() != own:
        # Several parts may do so at the same time.
        new = link.with_name(f"{NAME}.{os.getpid()}")
        new.unlink(missing_ok=True)
        new.symlink_to(own)
        new.replace(link)
