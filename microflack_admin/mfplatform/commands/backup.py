"""Write a backup, or look whether one can be brought back.

python -m mfplatform.commands.backup FILE [--force] [--no-secrets] [--json]
python -m mfplatform.commands.backup --verify FILE [--json]
"""

import argparse
import json
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from sqlalchemy.exc import SQLAlchemyError

from mfplatform.backup import make, passphrase, scratch
from mfplatform.backup.archive import Reader
from mfplatform.backup.manifest import Manifest, NoBackup
from mfplatform.backup.passphrase import NoPassphrase
from mfplatform.state import last_backup
from mfplatform.state.home import Home, PlatformError


def say(text: str) -> None:
    """Report progress."""
    print(text, file=sys.stderr, flush=True)


def about(path: Path, manifest: Manifest, seconds: float) -> dict[str, object]:
    """Return what there is to tell programs of a backup."""
    return {
        "file": str(path),
        "bytes": path.stat().st_size,
        "seconds": round(seconds, 1),
        "made": manifest.made,
        "secrets": manifest.has_secrets,
        "files_store": manifest.files_store or None,
        "services": {
            name: {table: held.rows for table, held in one.tables.items()}
            for name, one in manifest.services.items()
        },
    }


def write(home: Home, options: argparse.Namespace) -> Manifest:
    """Write one, and say what is not in it."""
    secret = None if options.no_secrets else passphrase.new()
    made = make.make(home, options.file, secret, say, replaces=options.force)
    if made.files_store:
        say(
            f"Files are in {made.files_store} and not in {options.file}: what keeps "
            "that store keeps them"
        )
    return made


def verify(home: Home, options: argparse.Namespace) -> Manifest:
    """Bring one back where it is thrown away, and compare."""
    with Reader(options.file) as reader:
        scratch.verify(reader, home.path, say)
        return reader.manifest


def main(arguments: list[str]) -> int:
    """Do what the command line says, which mfbackup has checked."""
    parser = argparse.ArgumentParser(prog="mfbackup")
    parser.add_argument("file", type=Path)
    for name in ("--verify", "--force", "--no-secrets", "--json"):
        parser.add_argument(name, action="store_true")
    options, home = parser.parse_args(arguments), Home.here()
    signal.signal(signal.SIGTERM, _end)
    begun = time.monotonic()
    try:
        found = (verify if options.verify else write)(home, options)
    except (NoPassphrase, NoBackup, PlatformError, SQLAlchemyError, OSError) as error:
        problem = _told(error, options.file)
        print(f"mfbackup: {problem}", file=sys.stderr)
        if not options.verify:
            last_backup.record(home, options.file, problem)
        return 2 if isinstance(error, NoPassphrase) else 1
    told = about(options.file, found, time.monotonic() - begun)
    if not options.verify:
        last_backup.record(home, options.file, None)
    size, seconds = told["bytes"], told["seconds"]
    text = f"{options.file}: {found.rows} rows, {size} bytes, {seconds} s"
    print(json.dumps(told, indent=1) if options.json else text)
    return 0


def _told(error: Exception, file: Path) -> str:
    """Return what went wrong, in a line."""
    if isinstance(error, NoBackup):
        return f"{file} is no good: {error}"
    return str(error).splitlines()[0]


def _end(_signal: int, _frame: FrameType | None) -> None:
    # What is half-made is removed on the way.
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
