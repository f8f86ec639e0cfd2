"""What mfrestore looks at first: whether a file is good, and whether there is room.

    python3 -m mfplatform.backup.check FILE [--replace] [--no-secrets]

Runs with any Python 3 before anything is installed, and changes nothing. Reads all of
the file, so that nothing is begun with one that was damaged. Prints the settings that
the chat is to have, as KEY=VALUE.
"""

import sys
import time
from pathlib import Path

from mfplatform.backup import fits, passphrase
from mfplatform.backup.archive import Reader
from mfplatform.backup.manifest import Manifest, NoBackup
from mfplatform.backup.passphrase import NoPassphrase
from mfplatform.monolith import process
from mfplatform.moving.room import check_room
from mfplatform.runtime import base
from mfplatform.state import instances, membership, restoring
from mfplatform.state.home import Home, PlatformError

# What a platform or a monolith installs.
BESIDE_BYTES = 256 * 1024**2


def check(home: Home, file: Path, *, replaces: bool, opens: bool) -> Manifest:
    """Return what the file says of itself, if all of it can be brought back here.

    :param opens: its secrets, too, if it has any.
    :raises NoBackup: it cannot.
    :raises PlatformError: something runs here, or there are people already.
    :raises NoPassphrase: nobody can be asked for the one that its secrets need.
    """
    with Reader(file) as reader:
        fits.check(reader.manifest)
        _check_home(home, replaces=replaces)
        check_room(home, reader.size, BESIDE_BYTES)
        reader.check()
        if opens and reader.manifest.has_secrets:
            passphrase.check_there()
        return reader.manifest


def _check_home(home: Home, *, replaces: bool) -> None:
    if not home.settings:
        return
    is_monolith = process.is_here(home)
    runs = process.is_running(home) if is_monolith else base.create(home).is_running()
    if runs:
        raise PlatformError(
            f"{home.path} has a platform that runs, and people could write meanwhile. "
            "Stop it with: mfdown"
        )
    if replaces or restoring.is_begun(home):
        return
    databases = list(process.folder(home).glob("*.db")) if is_monolith else []
    if databases or instances.all_instances(home):
        raise PlatformError(has_people(home))


def has_people(home: Home) -> str:
    """Return what to say of a home that is somebody's already."""
    return (
        f"{home.path} has a chat already. Nothing was changed: take another MF_HOME "
        "and MF_PORT, or replace it, keeping a copy, with: mfrestore --replace FILE"
    )


def main(arguments: list[str]) -> int:
    """Check, and print the settings."""
    file = Path(arguments[0])
    try:
        found = check(
            Home.here(),
            file,
            replaces="--replace" in arguments,
            opens="--no-secrets" not in arguments,
        )
    except NoPassphrase as error:
        print(f"mfrestore: {error}", file=sys.stderr)
        return 2
    except NoBackup as error:
        print(f"mfrestore: {file} is no good: {error}", file=sys.stderr)
        return 1
    except (PlatformError, OSError) as error:
        print(f"mfrestore: {error}", file=sys.stderr)
        return 1
    made = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(found.made))
    print(f"{file} is good: {found.rows} rows as of {made}", file=sys.stderr)
    print(f"{membership.SETTING}={found.settings[membership.SETTING]}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
