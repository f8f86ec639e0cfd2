"""Write all that a chat has into a file, while people use it."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from mfplatform.backup import archive, manifest, sealed, snapshot, whole_file
from mfplatform.backup.dump import dump
from mfplatform.backup.manifest import Manifest
from mfplatform.backup.snapshot import Source
from mfplatform.monolith import process, services
from mfplatform.monolith.prepare import BEHIND, WITHOUT
from mfplatform.runtime import base
from mfplatform.secrets_store import kept
from mfplatform.state import files_store, instances, membership
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.token_keys import GOOD_UNTIL
from microflack_common.registry import Registry, RegistryError

# What people wrote into the registry. All else there is written again by the services,
# from their databases, or tells where something runs just now.
KEYS = "/desired"
# What people gave to mfup, and what of it is no secret.
SETTINGS = (
    "MF_PORT",
    "MF_BIND",
    "MF_TLS",
    "MF_DOMAIN",
    "MF_HTTP_PORT",
    "MF_LIMITS",
    "MF_HOSTS",
    "MF_TRUSTED_PROXIES",
    "MF_OPERATOR",
    "MF_SECRETS",
)


def make(
    home: Home,
    path: Path,
    passphrase: str | None,
    say: Callable[[str], None],
    *,
    replaces: bool = False,
) -> Manifest:
    """Write a backup; return what it says of itself.

    :param passphrase: encrypts the secrets; None leaves them out.
    :param say: is told how far it is.
    :param replaces: a file that is there may be replaced.
    :raises PlatformError: it cannot be written; nothing is left of it.
    """
    whole_file.check_place(path, replaces=replaces)
    secrets = None if passphrase is None else _secrets(home)
    with _failures(), archive.writing(path, replaces=replaces) as writer:
        with _sources(home) as sources:
            made, found, releases = int(time.time()), {}, _releases(home)
            for one in sources:
                found[one.name] = dump(writer, one, releases.get(one.name, []))
                rows = sum(table.rows for table in found[one.name].tables.values())
                say(f"{one.name}: {rows} rows")
        about = Manifest(
            made,
            home.runtime,
            _settings(home.settings),
            _files_store(home.settings),
            secrets is not None,
            found,
            # Later than the databases: what was wished for since does no harm.
            _keys(home),
        )
        text = manifest.written(about)
        encrypted = None
        if secrets is not None and passphrase is not None:
            encrypted = sealed.seal(secrets, passphrase, text)
        writer.end(text, encrypted)
    return about


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, RegistryError, TypeError) as error:
        # A migration may just change the tables.
        reason = str(error).splitlines()[0]
        raise PlatformError(f"not all could be read: {reason}. Try again") from error


def _sources(home: Home) -> AbstractContextManager[Iterator[Source]]:
    known = [one.name for one in services.in_checkout() if one.needs_database]
    if not process.is_here(home):
        base.running(home)
        return snapshot.of_server(home, known)
    if any(home.settings.get(name) for name in (*BEHIND, WITHOUT)):
        raise PlatformError(
            f"the monolith of {home.path} stands behind another platform, or has "
            "services elsewhere, so it has not all. Move the rest of it first "
            "(mfmove), and back up the platform"
        )
    files = {name: process.folder(home) / f"{name}.db" for name in known}
    return snapshot.of_files({k: file for k, file in files.items() if file.exists()})


def _releases(home: Home) -> dict[str, list[str]]:
    """Return which releases of each service ran."""
    if process.is_here(home):
        return {one.name: [one.version] for one in services.in_checkout()}
    found: dict[str, set[str]] = {}
    for one in instances.all_instances(home):
        found.setdefault(one.service, set()).add(one.version)
    return {name: sorted(versions) for name, versions in found.items()}


def _settings(found: Mapping[str, str]) -> dict[str, str]:
    own = {name: found[name] for name in SETTINGS if found.get(name)}
    # As it was, whatever another place has for its default.
    return own | {membership.SETTING: membership.access(found)}


def _files_store(found: Mapping[str, str]) -> str:
    """Return the address of the files' store without what opens it."""
    parts = urlsplit(found.get(files_store.SETTING, ""))
    address = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=address).geturl()


def _secrets(home: Home) -> dict[str, str]:
    """Return what people's sessions rest on, and what opens the store of files.

    All other secrets are of the place: another one has its own.
    """
    found = kept.read(home)
    wanted = {GOOD_UNTIL: home.secrets, files_store.SETTING: home.settings}
    found |= {name: some[name] for name, some in wanted.items() if some.get(name)}
    return found


def _keys(home: Home) -> dict[str, str]:
    if process.is_here(home):
        return {}
    return Registry(home.etcd).tree(KEYS).values
