"""What mfup was told about a secrets store, checked, and recorded.

Needs nothing but Python itself, since it runs before the tools are installed.
"""

import os
from collections.abc import Iterable, Mapping

from mfplatform.secrets_store.store import (
    ASK,
    DEFAULTS,
    FILE,
    FILES,
    LEASE,
    OPENBAO,
    SECRETS,
    UNSEAL,
)
from mfplatform.state.asked_settings import asked_for
from mfplatform.state.home import Home, PlatformError

SHORTEST_LEASE_SECONDS, LONGEST_LEASE_SECONDS = 10, 30 * 86400


def settings(found: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of the store that are wanted.

    :param found: what is recorded.
    :param environ: what mfup was told, as MF_ASKED_SECRETS and so on.
    :raises ValueError: it makes no sense.
    """
    wanted = {}
    for name, usual in DEFAULTS.items():
        wanted[name] = asked_for(name, environ) or found.get(name, usual)
    for name, words in ((SECRETS, (FILES, OPENBAO)), (UNSEAL, (FILE, ASK))):
        if wanted[name] not in words:
            raise ValueError(f"{name} takes {' or '.join(words)}, not '{wanted[name]}'")
    lease, longest = wanted[LEASE], LONGEST_LEASE_SECONDS
    is_number = lease.isascii() and lease.isdigit() and len(lease) < 10
    if not is_number or not SHORTEST_LEASE_SECONDS <= int(lease) <= longest:
        raise ValueError(
            f"{LEASE} takes seconds, from {SHORTEST_LEASE_SECONDS} to {longest}, "
            f"not '{lease}'"
        )
    return wanted


def record(home: Home, parts: Iterable[str]) -> None:
    """Record what mfup was told, unless that is what a platform has anyway.

    :param parts: the names of the parts that its runtime runs.
    :raises PlatformError: it runs no store.
    """
    wanted = settings(home.settings, os.environ)
    if wanted[SECRETS] == OPENBAO and OPENBAO not in parts:
        raise PlatformError(
            f"the runtime '{home.runtime}' runs no secrets store: mfup --secrets files"
        )
    if wanted != DEFAULTS or SECRETS in home.settings:
        home.record(**wanted)
