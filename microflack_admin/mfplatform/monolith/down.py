"""Stop the monolith; its data stay.

python -m mfplatform.monolith.down
"""

import sqlite3
import sys
from contextlib import closing, suppress
from pathlib import Path

from mfplatform.monolith import process
from mfplatform.state.home import Home, PlatformError


def settle_files(folder: Path) -> None:
    """Have each database in one file: what was written ahead goes into it."""
    for file in folder.glob("*.db"):
        # What cannot be done now is done at the next start.
        with suppress(sqlite3.Error), closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def main() -> int:
    """Stop it, if it runs."""
    home = Home.here()
    try:
        if process.is_running(home):
            print("Stopping the monolith", file=sys.stderr, flush=True)
            process.stop(home)
            settle_files(process.folder(home))
    except (PlatformError, OSError) as error:
        print(f"mfdown: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
