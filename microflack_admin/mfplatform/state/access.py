"""What a service is given to get in: addresses with its own accounts, and secrets.

It is what its service.env declares. Releases from before that could be told are given
what they had.
"""

from collections.abc import Mapping

from mfplatform.secrets_store import kept, start
from mfplatform.state import (
    accounts,
    database,
    files_store,
    queue_access,
    registry_gate,
)
from mfplatform.state.home import Home

# What has to be declared for each secret.
SECRETS = {
    "SECRET_KEY": "NEEDS_SECRET_KEY",
    "SERVICE_KEY": "NEEDS_SERVICE_KEY",
    "JWT_SECRET_KEY": "NEEDS_JWT_KEY",
    "WEB_PUSH_KEY": "NEEDS_WEB_PUSH_KEY",
}
# All that lets a service in, and is given to nobody else.
NAMES = (
    "ETCD",
    "REDIS",
    "DATABASE_URL",
    "JWT_SECRET_KEY_BEFORE",
    files_store.VARIABLE,
    start.SECRET_ID,
    *SECRETS,
)
UNDECLARED = {"NEEDS_SECRET_KEY": "yes", "NEEDS_JWT_KEY": "yes"}


def of_service(
    home: Home, service: str, service_settings: Mapping[str, str]
) -> dict[str, str]:
    """Make a service's accounts if need be; return what lets it in.

    :param service_settings: what the service's service.env says.
    :raises PlatformError: a server does not answer, or it declares what cannot be.
    """
    given = of_account(home, service, service_settings)
    if service_settings.get("NEEDS_DB") == "yes":
        given["DATABASE_URL"] = database.ensure(home, service)
    return given


def of_account(
    home: Home, service: str, service_settings: Mapping[str, str]
) -> dict[str, str]:
    """Return what lets a service into the registry and the queue, and its secrets."""
    own = addresses(home, service, service_settings)
    return own | secrets_of(home, service_settings)


def addresses(
    home: Home, service: str, service_settings: Mapping[str, str]
) -> dict[str, str]:
    """Return what lets a service into the registry and the queue.

    The servers are told of its account if they run, and read of it at their start.
    """
    account = registry_gate.grant(home, service, service_settings)
    given = {"ETCD": f"http://{account.address(home.registry_address)}"}
    if account.redis_keys:
        queue_access.grant(home, account)
        given["REDIS"] = account.address(home.redis_address)
    return given


def needed(service_settings: Mapping[str, str]) -> list[str]:
    """Return the names of the secrets that a service needs."""
    declared = dict(service_settings)
    if not accounts.is_declared(service_settings):
        declared |= UNDECLARED
    names = [name for name, need in SECRETS.items() if declared.get(need) == "yes"]
    if service_settings.get("NEEDS_JWT_KEY") == "yes":
        # Empty where there is none: so it is seen that the release can know two.
        names.append("JWT_SECRET_KEY_BEFORE")
    return names


def secrets_of(home: Home, service_settings: Mapping[str, str]) -> dict[str, str]:
    """Return the secrets that a service needs."""
    found = {"JWT_SECRET_KEY_BEFORE": "", **kept.read(home)}
    return {name: found[name] for name in needed(service_settings) if name in found}
