"""Who may do what in the registry and in the queue: an account for each service.

What a service declares in its service.env is all that it may do besides what belongs to
its own name. Each account is a file secrets/SERVICE.env; nothing of it is kept by the
servers, so that one that lost its data knows everybody at its next start.
"""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from mfplatform.state.home import ROOT, Home, PlatformError, read_env, write_env

# What says that a service.env tells all that the service needs. Releases from before
# that could be told are given what they had.
DECLARED = "NEEDS_JWT_KEY"
# Accounts that the servers know already.
RESERVED = (ROOT, "default")
# What those might do: read everything, and write what some of them did write.
UNDECLARED = {
    "NEEDS_REDIS": "yes",
    "REGISTRY_READS": "/*",
    "REGISTRY_WRITES": "/revoked-tokens/*",
}
OLDER = "-older"
# Settings of an account that hold patterns; a * at the end stands for anything.
PATTERNS = ("REGISTRY_READS", "REGISTRY_WRITES", "REDIS_KEYS", "REDIS_CHANNELS")
ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
PUNCTUATION = frozenset("/-_.:*")


@dataclass(frozen=True)
class Account:
    """A service's account.

    :param reads: patterns of keys of the registry that it may read.
    :param writes: patterns of those that it may also write.
    :param redis_keys: patterns of keys of the queue; none if it does not use it.
    :param redis_channels: channels on which it may publish and listen.
    """

    name: str
    password: str
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    redis_keys: tuple[str, ...] = ()
    redis_channels: tuple[str, ...] = ()

    def address(self, host_port: str) -> str:
        """Return HOST:PORT with the name and password in front."""
        return f"{quote(self.name)}:{quote(self.password)}@{host_port}"


def is_declared(service_settings: Mapping[str, str]) -> bool:
    """Tell whether a service.env tells all that the service needs."""
    return DECLARED in service_settings


def ensure(home: Home, service: str, service_settings: Mapping[str, str]) -> Account:
    """Make a service's account if need be, and give it what its release declares.

    What it was given before stays, since several releases may run side by side.

    :raises PlatformError: a pattern has signs that no key has.
    """
    if service in RESERVED:
        raise PlatformError(f"no service can be called '{service}': it is an account")
    declared = is_declared(service_settings)
    # An account of their own, so that what they may do goes with them.
    name = service if declared else service + OLDER
    file = home.path / "secrets" / f"{name}.env"
    wanted = {**({} if declared else UNDECLARED), **service_settings}
    with home.locked("passwords"):
        stored = read_env(file)
        stored.setdefault("ACCOUNT_PASSWORD", secrets.token_hex(20))
        needs_redis = wanted.get("NEEDS_REDIS") == "yes"
        for setting in PATTERNS:
            used = needs_redis or not setting.startswith("REDIS_")
            words = wanted.get(setting, "*" if setting == "REDIS_KEYS" else "").split()
            if setting == "REDIS_CHANNELS" and not words:
                words = ["flask-socketio"]
            stored[setting] = _merged(
                service, stored.get(setting, ""), words if used else []
            )
        write_env(file, stored)
    return _account(name, stored)


def _merged(service: str, before: str, words: list[str]) -> str:
    for word in words:
        if not set(word) <= ALLOWED | PUNCTUATION or "*" in word[:-1]:
            raise PlatformError(f"{service}'s service.env: '{word}' is no pattern")
    return " ".join(sorted({*before.split(), *words}))


def _account(name: str, stored: Mapping[str, str]) -> Account:
    patterns = {one: tuple(stored.get(one, "").split()) for one in PATTERNS}
    own = f"/services/{name.removesuffix(OLDER)}" + "/*"
    return Account(
        name,
        stored["ACCOUNT_PASSWORD"],
        reads=(own, *patterns["REGISTRY_READS"]),
        writes=(own, *patterns["REGISTRY_WRITES"]),
        redis_keys=patterns["REDIS_KEYS"],
        redis_channels=patterns["REDIS_CHANNELS"],
    )


def of_services(home: Home) -> Iterator[Account]:
    """Yield the account of each service that has one."""
    for file in sorted((home.path / "secrets").glob("*.env")):
        stored = read_env(file)
        if "ACCOUNT_PASSWORD" in stored:
            yield _account(file.stem, stored)


def root(home: Home) -> Account:
    """Return the platform's own account."""
    return Account(ROOT, home.secrets["REGISTRY_PASSWORD"])
