"""Bring a backup back where nothing runs but the platform's parts.

    python -m mfplatform.commands.restore FILE [--replace] [--no-secrets]

mfrestore has checked the file, and has started what is needed. From the first change on
a mark says that what is there is not all; only another restore, from the beginning, or
the end of this one removes it.
"""

import argparse
import os
import secrets
import sys
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from mfplatform.backup import check, fits, passphrase, sealed, targets
from mfplatform.backup.archive import Reader
from mfplatform.backup.load import load
from mfplatform.backup.make import KEYS
from mfplatform.backup.manifest import Manifest, NoBackup
from mfplatform.backup.passphrase import NoPassphrase
from mfplatform.backup.sealed import WrongPassphrase
from mfplatform.monolith import process, services
from mfplatform.secrets_store import kept
from mfplatform.state import files_store, membership, restoring
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.token_keys import GOOD_UNTIL, KEY, SECOND
from microflack_common.registry import Registry, RegistryError


def say(text: str) -> None:
    """Report progress."""
    print(text, file=sys.stderr, flush=True)


def restore(home: Home, reader: Reader, found: dict[str, str], replaces: bool) -> None:
    """Replace all that is there by what a backup has.

    :param found: its secrets; empty if people are to sign in anew.
    :raises NoBackup: it does not fit.
    :raises PlatformError: something is in the way.
    """
    target = targets.of(home, say)
    known = [one.name for one in services.in_checkout() if one.needs_database]
    if target.is_used(known) and not restoring.is_begun(home):
        if not replaces:
            raise PlatformError(check.has_people(home))
        target.keep_old()
    here = fits.check(reader.manifest)
    restoring.mark(home).touch(mode=0o600)
    for name in known:
        engine = target.empty(name)
        if name in here:
            load(reader, name, engine, here[name].folder / "migrations")
            say(f"{name}: {_rows(reader.manifest, name)} rows, equal")
    target.complete(here)
    _write_secrets(home, found)
    if not process.is_here(home):
        write_keys(Registry(home.etcd), reader.manifest.keys)
    restoring.mark(home).unlink()


def _rows(manifest: Manifest, name: str) -> int:
    return sum(one.rows for one in manifest.services[name].tables.values())


def _write_secrets(home: Home, found: dict[str, str]) -> None:
    """Have the secrets that sessions rest on, or new ones.

    New ones, since a token of whoever was here before must not be one of whoever has
    the same number now.
    """
    if address := found.get(files_store.SETTING):
        home.record(**{files_store.SETTING: address})
    values = {name: found[name] for name in kept.PATHS if name in found}
    if not values:
        values[KEY] = secrets.token_hex(32)
    values.setdefault(SECOND, "")
    note = {GOOD_UNTIL: found.get(GOOD_UNTIL, "")}
    kept.write(home, values, note, note_first=False)


def write_keys(registry: Registry, keys: dict[str, str]) -> None:
    """Have the keys of a backup, and none that services made of their databases.

    :raises RegistryError: the registry is away.
    """
    # What ended tokens of before, and who may do what: services write it again.
    written = (one.registry_writes for one in services.all_services())
    derived = tuple(pattern.rstrip("*") for some in written for pattern in some)
    for key in registry.tree("/").values:
        if key.startswith(derived):
            registry.delete(key)
    for key, value in keys.items():
        # A file from elsewhere may say anything of any part of the platform.
        if key.startswith(f"{KEYS}/"):
            registry.put(key, value)


def opened(reader: Reader, *, without: bool) -> dict[str, str]:
    """Return the secrets of a backup; none if it has none, or they are not wanted.

    :raises PlatformError: the passphrase is wrong.
    """
    if without or not reader.manifest.has_secrets:
        return {}
    try:
        return sealed.unseal(reader.secrets(), passphrase.known(), reader.text)
    except WrongPassphrase:
        raise PlatformError(
            "the passphrase does not open the secrets (or the file was changed). "
            "No data was changed: try again, or leave them out with --no-secrets"
        ) from None


def tell(manifest: Manifest, found: dict[str, str]) -> None:
    """Say what else is to be known."""
    if not found:
        say("Without its secrets, whoever was signed in signs in anew")
    if manifest.files_store and found:
        say(
            f"Files are in {manifest.files_store}, as before: what is deleted here is "
            "gone for another platform that uses it, too"
        )
    elif manifest.files_store:
        say(
            f"Files are in {manifest.files_store}: name it with what opens it, "
            f"{files_store.SETTING}=... mfup"
        )
    known = {membership.SETTING}
    others = [f"{k}={v}" for k, v in manifest.settings.items() if k not in known]
    if others:
        say(f"There it was set up with {' '.join(others)}: give mfup what is to be so")


def main(arguments: list[str]) -> int:
    """Do what the command line says, which mfrestore has checked."""
    parser = argparse.ArgumentParser(prog="mfrestore")
    parser.add_argument("file", type=Path)
    parser.add_argument("--replace", action="store_true")
    parser.add_argument("--no-secrets", action="store_true")
    options, home = parser.parse_args(arguments), Home.here()
    # The files are for their owner.
    os.umask(0o077)
    try:
        with Reader(options.file) as reader:
            found = opened(reader, without=options.no_secrets)
            restore(home, reader, found, options.replace)
            tell(reader.manifest, found)
    except NoPassphrase as error:
        print(f"mfrestore: {error}", file=sys.stderr)
        return 2
    except NoBackup as error:
        print(f"mfrestore: {options.file} is no good: {error}", file=sys.stderr)
        return 1
    except (PlatformError, RegistryError, SQLAlchemyError, OSError) as error:
        print(f"mfrestore: {str(error).splitlines()[0]}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
