"""Turn a monolith's MF_HOME into a platform's: the first half of `mfup --move`.

    python3 -m mfplatform.moving.home

Runs with any Python 3, as the platform may have nothing installed yet. The monolith is
stopped; its settings become the platform's, its secrets stay, and so do its data.
"""

import sys
from pathlib import Path

from mfplatform.monolith import prepare, process, services
from mfplatform.monolith.prepare import BEHIND, WITHOUT
from mfplatform.moving.progress import Progress, Stage
from mfplatform.moving.room import check_disk
from mfplatform.state.home import Home, PlatformError, write_env

NAME = "home"


def progress(home: Home) -> Progress:
    """Return how far the move of a whole home has come."""
    return Progress(home, NAME, home.path)


def python(home: Home) -> Path:
    """Return the monolith's Python, which has what the services need."""
    return process.folder(home) / "tools" / "bin" / "python"


def settle(home: Home) -> None:
    """Have it be a platform's home; what was done already stays.

    :raises PlatformError: it cannot be moved as a whole. Nothing was changed.
    """
    moving = progress(home)
    if not process.is_here(home):
        if moving.stage is None:
            raise PlatformError(
                f"{home.path} has no monolith that could be moved. Start a platform "
                "with: mfup"
            )
        return
    found = home.settings
    if any(found.get(name) for name in (*BEHIND, WITHOUT)):
        raise PlatformError(
            f"the monolith of {home.path} stands behind another platform, or has "
            "services elsewhere. Move what it has there: mfmove SERVICE --from "
            f"{home.path}"
        )
    for service in services.in_checkout():
        prepare.check_database(home, service)
    check_disk(home, process.folder(home))
    process.stop(home)
    # Commands have other tools from now on, but its databases are read with these.
    link = process.folder(home) / "tools"
    if not link.exists():
        link.unlink(missing_ok=True)
        link.symlink_to((home.path / "tools").resolve())
    moving.write(Stage.COPYING)
    gone = {"MF_RUNTIME", "LB", *BEHIND, WITHOUT}
    kept = {name: value for name, value in found.items() if name not in gone}
    write_env(home.settings_file, kept)


def main() -> int:
    """Settle, and report what stands in the way."""
    try:
        settle(Home.here())
    except (PlatformError, OSError) as error:
        print(f"mfup: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
