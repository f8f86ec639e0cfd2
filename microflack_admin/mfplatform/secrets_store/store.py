"""The secrets store's place in the platform: its settings, files and address.

Needs nothing but Python itself, since it runs before the tools are installed.
"""

import json
from pathlib import Path

from mfplatform.state.home import Home, read_env

SECRETS, UNSEAL, LEASE = "MF_SECRETS", "MF_UNSEAL", "MF_SECRETS_LEASE"
FILES, OPENBAO = "files", "openbao"
# Who keeps the key that opens the store: a file beside it, or the operator.
FILE, ASK = "file", "ask"
DEFAULTS = {SECRETS: FILES, UNSEAL: FILE, LEASE: "86400"}
# Stands in secrets.env in place of those that the store has.
MARK = "SERVICES_SECRETS"
# The account with which it makes users of the database.
DATABASE_ACCOUNT = "openbao"


def is_wanted(home: Home) -> bool:
    """Tell whether the platform is to have a store."""
    return home.settings.get(SECRETS) == OPENBAO


def is_used(home: Home) -> bool:
    """Tell whether it has one: also until what it holds has been moved back."""
    return is_wanted(home) or folder(home).exists()


def holds_secrets(home: Home) -> bool:
    """Tell whether the secrets of services are in the store, and in no file."""
    return home.secrets.get(MARK) == OPENBAO


def folder(home: Home) -> Path:
    """Return the folder of its data, and of what lets the platform in."""
    return home.path / "secrets-store"


def key_file(home: Home) -> Path:
    """Return the file of the key that opens the store."""
    return folder(home) / "unseal.key"


def sealed_file(home: Home) -> Path:
    """Return the file that says that a person has sealed it."""
    return folder(home) / "sealed"


def login_file(home: Home) -> Path:
    """Return the file of the platform's own role; it is there when all is set up."""
    return folder(home) / "platform.env"


def state_file(home: Home) -> Path:
    """Return where the part "leases" says how it went."""
    return folder(home) / "state.json"


def state(home: Home) -> dict[str, object] | None:
    """Return what the part "leases" said last; None if the platform has no store."""
    if not is_used(home):
        return None
    try:
        return dict(json.loads(state_file(home).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {"problem": "nobody looks after the secrets store. Start it: mfup"}


def address(home: Home) -> str:
    """Return where the server listens, HOST:PORT."""
    return f"{home.host}:{home.settings['OPENBAO_PORT']}"


def login(home: Home) -> dict[str, str]:
    """Return the platform's own role; nothing while the store is not set up."""
    return read_env(login_file(home))
