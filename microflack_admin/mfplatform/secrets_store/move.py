"""Move the secrets of services into the store, or back into files.

Each secret is the same afterwards. Where they are tells one file, which is replaced as
a whole; instances are replaced one by one, and what they no longer need goes last. What
was interrupted is completed when it is called again.
"""

import shutil
import time
from pathlib import Path
from secrets import token_hex

from mfplatform.commands import prepare, secrets
from mfplatform.runtime.base import Runtime
from mfplatform.secrets_store import (
    client,
    kept,
    owners,
    server,
    setup,
    start,
    store,
    tokens,
)
from mfplatform.state import database, instances
from mfplatform.state.home import Home, read_env, write_env
from mfplatform.state.instances import Instance

PARTS = ("leases", "openbao")


def have_secrets(home: Home, runtime: Runtime) -> None:
    """Have the secrets where they are to be, and each instance that runs know it.

    :raises PlatformError: the store is sealed, or what is needed does not answer.
    """
    if not store.is_used(home):
        return
    setup.settle(home, runtime)
    if store.is_wanted(home) and not store.holds_secrets(home):
        _into_store(home)
    elif not store.is_wanted(home) and store.holds_secrets(home):
        values = home.secrets | kept.read(home)
        del values[store.MARK]
        write_env(home.secrets_file, values)
    if store.holds_secrets(home):
        _complete(home)
    replace_stale(home, runtime)


def _complete(home: Home) -> None:
    """Have those in the store that no checkout before this one knew."""
    found = kept.read(home)
    wanted = [name for name in prepare.SECRETS if name in kept.PATHS]
    made = {name: token_hex(32) for name in wanted if name not in found}
    kept.put(client.platform(home), made)


def _into_store(home: Home) -> None:
    found = {"JWT_SECRET_KEY_BEFORE": "", **kept.read(home)}
    asked = client.platform(home)
    kept.put(asked, found)
    # From before the store, and not needed when all instances have users of their own.
    _passwords_left(home).touch(mode=0o600)
    rest = {name: home.secrets[name] for name in home.secrets if name not in found}
    write_env(home.secrets_file, rest | {store.MARK: store.OPENBAO})


def _passwords_left(home: Home) -> Path:
    return store.folder(home) / "passwords-left"


def replace_stale(home: Home, runtime: Runtime) -> None:
    """Replace the instances that run with what is no longer so, losing no request.

    :raises PlatformError: one does not start, or an upgrade is under way.
    """
    running = [one for one in instances.all_instances(home) if runtime.pid(one.name)]
    if stale := _stale(home, running):
        with secrets.alone(home):
            where = "the store" if store.holds_secrets(home) else "files"
            secrets.replace(home, runtime, stale, f"have their secrets from {where}")


def _stale(home: Home, running: list[Instance]) -> list[Instance]:
    holds, alive = store.holds_secrets(home), set()
    if holds:
        found = tokens.of_instances(client.platform(home))
        alive = {one.instance for one in found if one.ends > time.time()}
    stale = []
    for one in running:
        environment = read_env(instances.environment_file(home, one.name))
        is_told = start.STORE in environment
        if is_told != holds or (holds and one.name not in alive):
            stale.append(one)
    return stale


def complete(home: Home, runtime: Runtime) -> None:
    """Remove what nobody needs any more, once all instances have what they need."""
    for service in {one.service for one in instances.all_instances(home)}:
        owners.settle(home, service)
    if store.is_wanted(home) and _passwords_left(home).exists():
        for file in (home.path / "secrets").glob("*.env"):
            database.lock_user(home, file.stem)
        _passwords_left(home).unlink()
    elif not store.is_wanted(home) and store.is_used(home):
        _remove(home, runtime)


def _remove(home: Home, runtime: Runtime) -> None:
    """Remove the store, and the users of the database that it has made."""
    client.platform(home).call("PUT", "sys/leases/revoke-prefix/database/creds")
    for name in PARTS:
        runtime.remove(name, setup.SERVER_TIMEOUT_SECONDS)
    account = store.DATABASE_ACCOUNT
    database.execute(home, f"DROP USER IF EXISTS '{account}'@'%';")
    # At once, so that a half of it is never taken for a store.
    gone = home.path / ".secrets-store.gone"
    shutil.rmtree(gone, ignore_errors=True)
    store.folder(home).rename(gone)
    shutil.rmtree(gone)
    shutil.rmtree(server.program_folder(home))
