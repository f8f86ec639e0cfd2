"""Set the store up, open it, and tell it what it has to know of the platform.

What was interrupted is completed: until the platform has its own role the store holds
nothing, and is made anew.
"""

import secrets
import shutil
import sys
import time

from mfplatform.runtime.base import Runtime
from mfplatform.secrets_store import client, server, store
from mfplatform.secrets_store.client import PLATFORM, Client, Sealed, StoreError
from mfplatform.secrets_store.start import SEALED
from mfplatform.state import database
from mfplatform.state.home import Home, PlatformError, write_env, write_private
from mfplatform.state.patience import Deadline

SERVER_TIMEOUT_SECONDS = 60
RETRY_SECONDS = 0.05
RIGHTS = {
    "kv/*": "create read update delete list",
    "database/config/*": "create read update delete",
    "database/roles/*": "create read update delete",
    "sys/policies/acl/*": "create read update delete list",
    "auth/approle/role": "list",
    "auth/approle/role/*": "create read update delete list",
    "auth/token/accessors/": "list sudo",
    "auth/token/lookup-accessor": "update",
    "auth/token/renew-accessor": "update",
    "auth/token/revoke-accessor": "update",
    "sys/leases/revoke-prefix/*": "update sudo",
    "sys/seal": "update sudo",
}
ENGINES = {
    "mounts/kv": {"type": "kv", "options": {"version": "2"}},
    "mounts/database": {"type": "database"},
    "auth/approle": {"type": "approle"},
}
# Versions of a secret that are kept: an instance has one of the last two.
VERSIONS = 3
# How an engine of version 2 begins its answers until it has made itself ready.
BECOMES_VERSIONED = "Upgrading from non-versioned to versioned"
# The account with which the store makes users.
GRANTS = """\
CREATE USER IF NOT EXISTS '{admin}'@'%' IDENTIFIED BY '{password}';
ALTER USER '{admin}'@'%' IDENTIFIED BY '{password}';
GRANT CREATE USER ON *.* TO '{admin}'@'%';
"""
USER_NAME = '{{ printf "%s-%s" (.RoleName | truncate 19) (random 12) }}'


def settle(home: Home, runtime: Runtime) -> None:
    """Have the store ready to be used.

    :raises PlatformError: it is sealed and the key is not here, or something fails.
    """
    asked = client.anonymous(home)
    if not store.login(home):
        _begin(home, runtime, asked)
    elif asked.seal_status()["sealed"]:
        _open(home, asked)
    asked = client.platform(home)
    _configure(asked)
    _tell_database(home, asked)
    _settle_key(home)


def _begin(home: Home, runtime: Runtime, asked: Client) -> None:
    """Make the store, and the platform's role in it."""
    if store.holds_secrets(home):
        raise PlatformError(
            f"{store.login_file(home)} is missing, and the secrets are in the store. "
            "Bring it back from a backup; without one: docs/secrets.md"
        )
    if asked.seal_status()["initialized"]:
        _wipe(home, runtime)
    # One key that opens it: who has several people to share it among needs more than
    # one machine, too.
    one = {"secret_shares": 1, "secret_threshold": 1}
    told = asked.call("PUT", "sys/init", one)
    key = told["keys_base64"][0]
    if home.settings[store.UNSEAL] == store.ASK:
        tell_key(key)
    else:
        write_private(store.key_file(home), key)
    asked.unseal(key)
    asked.token = told["root_token"]
    for path, engine in ENGINES.items():
        asked.call("POST", f"sys/{path}", engine)
    _configure(asked)
    own = _make_role(asked)
    # Nobody needs it any more; who has the key can make another one.
    asked.call("POST", "auth/token/revoke-self")
    write_env(store.login_file(home), own)


def _make_role(asked: Client) -> dict[str, str]:
    """Make the platform's role; return what lets it in."""
    role = f"auth/approle/role/{PLATFORM}"
    # Each command has a token for a short time, of the kind that leaves no trace.
    rights = {"token_policies": [PLATFORM], "token_ttl": "10m", "token_type": "batch"}
    asked.call("POST", role, rights)
    return {
        "ROLE_ID": asked.call("GET", f"{role}/role-id")["data"]["role_id"],
        "SECRET_ID": asked.call("POST", f"{role}/secret-id")["data"]["secret_id"],
    }


def _wipe(home: Home, runtime: Runtime) -> None:
    (spec,) = [part for part in runtime.parts() if part.name == store.OPENBAO]
    runtime.remove(spec.name, spec.stop_timeout_seconds)
    shutil.rmtree(store.folder(home) / "data")
    server.prepare(home, False)
    runtime.start_part(spec)
    deadline = Deadline(SERVER_TIMEOUT_SECONDS)
    while not server.answers(home) and not deadline.is_over():
        time.sleep(0.05)


def tell_key(key: str) -> None:
    """Show the person who asked for it the key that opens the store."""
    print(
        f"The key that opens the secrets store, shown this once. Keep it elsewhere:\n"
        f"    {key}\n"
        "After each start of this machine or of the platform: mfsecrets unseal",
        file=sys.stderr,
        flush=True,
    )


def _open(home: Home, asked: Client) -> None:
    key = store.key_file(home)
    if store.sealed_file(home).exists() or not key.exists():
        raise Sealed(f"{SEALED}; then call mfup again")
    asked.unseal(key.read_text(encoding="utf-8").strip())


def _settle_key(home: Home) -> None:
    """Forget the key if the operator is to keep it; say it once."""
    key = store.key_file(home)
    if home.settings[store.UNSEAL] == store.ASK and key.exists():
        tell_key(key.read_text(encoding="utf-8").strip())
        key.unlink()


def _configure(asked: Client) -> None:
    words = {path: '", "'.join(rights.split()) for path, rights in RIGHTS.items()}
    policy = "".join(
        f'path "{path}" {{ capabilities = ["{rights}"] }}\n'
        for path, rights in words.items()
    )
    asked.call("POST", f"sys/policies/acl/{PLATFORM}", {"policy": policy})
    _keep_versions(asked)


def _keep_versions(asked: Client) -> None:
    """Say how many versions of a secret are kept; a new engine takes a moment."""
    deadline = Deadline(SERVER_TIMEOUT_SECONDS)
    while True:
        try:
            asked.call("POST", "kv/config", {"max_versions": VERSIONS})
            return
        except StoreError as error:
            if BECOMES_VERSIONED not in str(error) or deadline.is_over():
                raise
        time.sleep(RETRY_SECONDS)


def _tell_database(home: Home, asked: Client) -> None:
    """Give the store an account of its own, whose password nobody else keeps."""
    account, password = store.DATABASE_ACCOUNT, secrets.token_hex(20)
    database.execute(home, GRANTS.format(admin=account, password=password))
    address = f"{home.host}:{home.settings['MYSQL_PORT']}"
    connection = {
        "plugin_name": "mysql-database-plugin",
        "connection_url": "{{username}}:{{password}}@tcp(" + address + ")/",
        "username": account,
        "password": password,
        "username_template": USER_NAME,
        "allowed_roles": ["*"],
    }
    asked.call("POST", "database/config/mariadb", connection)
