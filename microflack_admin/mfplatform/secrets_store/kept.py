"""The secrets that services share, wherever they are kept: in a file, or in the store.

What the platform's own parts check passwords with stays in files: they start first.
"""

from collections.abc import Mapping

from mfplatform.secrets_store import client, start, store
from mfplatform.secrets_store.start import REFERENCE
from mfplatform.state.home import Home, write_env

# Where the store has each. What changes together stands together.
PATHS = {
    "JWT_SECRET_KEY": "keys/jwt",
    "JWT_SECRET_KEY_BEFORE": "keys/jwt",
    "SERVICE_KEY": "keys/service",
    "SECRET_KEY": "keys/secret",
    "WEB_PUSH_KEY": "keys/web-push",
}


def read(home: Home) -> dict[str, str]:
    """Return all of them.

    :raises PlatformError: the store is sealed, or does not answer.
    """
    if not store.holds_secrets(home):
        return {name: value for name, value in home.secrets.items() if name in PATHS}
    asked = client.platform(home)
    found: dict[str, str] = {}
    for path in dict.fromkeys(PATHS.values()):
        found |= asked.read(path)[0]
    return found


def write(
    home: Home, values: Mapping[str, str], note: Mapping[str, str], note_first: bool
) -> None:
    """Change some of them, which stand together, and keep the others.

    :param note: what is written down about them, which is no secret.
    :param note_first: where both cannot be written at once, that is written first.
    :raises PlatformError: the store is sealed, or does not answer.
    """
    if not store.holds_secrets(home):
        write_env(home.secrets_file, {**home.secrets, **values, **note})
        return
    asked = client.platform(home)
    if note_first:
        write_env(home.secrets_file, {**home.secrets, **note})
    put(asked, values)
    write_env(home.secrets_file, {**home.secrets, **note})


def put(asked: client.Client, values: Mapping[str, str]) -> None:
    """Have these in the store, each where it belongs."""
    for path in dict.fromkeys(PATHS.values()):
        own = {name: values[name] for name in values if PATHS[name] == path}
        if own:
            asked.write(path, own)


def given(home: Home, value: str) -> str:
    """Return what an instance has got for a value of its environment.

    :raises PlatformError: it is in the store, which is sealed or does not answer.
    """
    if not value.startswith(REFERENCE):
        return value
    path, form = start.split(value)
    told = client.platform(home).call("GET", path)
    return start.filled(form, start.fields(told)) if told else ""
