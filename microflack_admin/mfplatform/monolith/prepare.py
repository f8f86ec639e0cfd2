"""What `mfup --monolith` does first: record settings, look what is in the way.

    python3 -m mfplatform.monolith.prepare

Runs with any Python 3 before anything is installed. Changes nothing where all is
recorded already, or something is in the way.
"""

import os
import secrets
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Mapping

from mfplatform.commands import edge, prepare
from mfplatform.commands.prepare import FIXED
from mfplatform.monolith import process, services
from mfplatform.monolith.services import Service
from mfplatform.state import files_store, identity, membership, nightly, traces
from mfplatform.state.asked_settings import asked_for
from mfplatform.state.home import Home, PlatformError, run_folder, write_env

# What a start writes at most, and a bit for people to write.
NEEDED_BYTES = 32 * 1024 * 1024
SECRETS = ("SECRET_KEY", "JWT_SECRET_KEY", "SERVICE_KEY", "WEB_PUSH_KEY")
# Where a platform is that the monolith stands behind: its load balancer, registry and
# queue. "none" is none again.
BEHIND = ("MF_LB", "MF_ETCD", "MF_REDIS")
# The services that are elsewhere by now, separated by commas.
WITHOUT = "MF_WITHOUT"
# The MF_HOME of the platform that they were moved to.
MOVED_TO = "MF_MOVED_TO"
# What only a load balancer does.
NOT_HERE = ("TLS", "DOMAIN", "CERT", "HTTP_PORT")


def settle(home: Home) -> None:
    """Record what is not recorded yet, and check that it can be had.

    :raises PlatformError: something is in the way; it says what, and how to go on.
    :raises ValueError: what was asked for makes no sense.
    """
    found = home.settings
    check_kind(home, found)
    for name in NOT_HERE:
        if os.environ.get(f"MF_ASKED_{name}", "off") not in ("", "off"):
            raise ValueError(
                "the monolith speaks no TLS itself. Put a server that does in front of "
                "it, or have the platform do it: mfup"
            )
    wanted = FIXED | found | asked(found)
    home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_disk(home)
    nightly.check(home, found, wanted)
    for service in services.in_checkout():
        check_database(home, service)
    running = process.is_running(home)
    if running and process.read(home) is None:
        raise PlatformError(process.IN_USE.format(folder=process.folder(home)))
    prepare.check_outside(wanted, found if running else {})
    identity.settle(home.path, found.get("MF_RUN", ""))
    wanted["MF_RUN"] = str(run_folder(home.path))
    wanted["LB"] = prepare.balancer_url(wanted)
    write_env(home.settings_file, wanted)
    write_env(home.secrets_file, kept_secrets(home, os.environ))
    home.logs.mkdir(mode=0o700, exist_ok=True)
    process.folder(home).mkdir(mode=0o700, exist_ok=True)


def kept_secrets(home: Home, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the secrets: those that are kept, a platform's, or new ones.

    :raises PlatformError: those of the platform are others than were kept.
    """
    # Who stands behind a platform has its own, or nobody stayed signed in.
    given = {name: environ[name] for name in SECRETS if environ.get(name)}
    if not environ.get("MF_ASKED_ETCD"):
        given = {}
    kept = home.secrets
    if any(kept.get(name, value) != value for name, value in given.items()):
        raise PlatformError(
            f"{home.path} has other secrets than the platform that it is to stand "
            "behind: tokens of the one would be no good at the other. Take another "
            "MF_HOME, or move it there whole: mfup --move"
        )
    return {name: secrets.token_hex(32) for name in SECRETS} | kept | given


def check_kind(home: Home, found: Mapping[str, str]) -> None:
    """Refuse a home that a platform has."""
    kind = found.get("MF_RUNTIME")
    if found and kind != process.RUNTIME:
        raise PlatformError(
            f"{home.path} has a platform, which does not become a monolith. Start it "
            "with: mfup; or give the monolith another MF_HOME and MF_PORT"
        )


def asked(found: Mapping[str, str]) -> dict[str, str]:
    """Return what was asked for, checked, or else what is recorded."""
    traces.refuse_in_monolith(os.environ)
    wanted = prepare.outside(found) | edge.settle(found, os.environ)
    wanted |= files_store.settle(found, os.environ)
    wanted |= nightly.settle(found, os.environ)
    wanted["MF_RUNTIME"] = process.RUNTIME
    if access := os.environ.get("MF_ASKED_ACCESS"):
        wanted[membership.SETTING] = membership.asked(access)
    for name in (*BEHIND, WITHOUT):
        value = asked_for(name, os.environ)
        if value or name in found:
            wanted[name] = "" if value == "none" else value or found[name]
    known = {one.name for one in services.in_checkout()}
    for name in filter(None, wanted.get(WITHOUT, "").split(",")):
        if name not in known:
            there_are = " ".join(sorted(known))
            raise ValueError(f"{WITHOUT}: there is no '{name}'. There are: {there_are}")
    return wanted


def check_disk(home: Home) -> None:
    """Refuse to start where nothing could be written."""
    free = shutil.disk_usage(home.path).free
    if free < NEEDED_BYTES:
        raise PlatformError(
            f"the disk of {home.path} has {free // 1024**2} MB left, and "
            f"{NEEDED_BYTES // 1024**2} are needed. Make room and try again"
        )


def check_database(home: Home, service: Service) -> None:
    """Refuse a database that a newer release of its service has changed."""
    file = process.folder(home) / f"{service.name}.db"
    if not service.needs_database or not file.exists():
        return
    try:
        newer = set(revisions(file.as_uri())) - service.revisions
    except sqlite3.Error as error:
        raise PlatformError(
            f"{file} cannot be read: {error}. Nothing was changed. If it is damaged, "
            "put back a copy of it"
        ) from None
    if newer:
        raise PlatformError(
            f"{file} is of a newer release than {service.name} {service.version}, which"
            " this checkout has. Nothing was changed: take the newer checkout again"
        )


def revisions(uri: str) -> Iterator[str]:
    """Yield the revisions that a database says it has, in whichever table it does."""
    connection = sqlite3.connect(f"{uri}?mode=ro", uri=True)
    try:
        tables = connection.execute(
            "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c "
            "WHERE m.type = 'table' AND c.name = 'version_num'"
        ).fetchall()
        for (table,) in tables:
            rows = connection.execute(f'SELECT version_num FROM "{table}"')
            yield from (row[0] for row in rows)
    finally:
        connection.close()


def main() -> int:
    """Prepare, and report what stands in the way."""
    try:
        settle(Home.here())
    except ValueError as error:
        print(f"mfup: {error}", file=sys.stderr)
        return 2
    except (PlatformError, OSError) as error:
        print(f"mfup: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
