"""The environment of a service that is being developed, as a .env file.

python -m mfplatform.commands.env [SERVICE | --monolith]
"""

import os
import sys
from pathlib import Path

from mfplatform.state import access, database, files_store, membership, traces
from mfplatform.state.home import Home, PlatformError, read_env


def shared(home: Home) -> dict[str, str]:
    """Return what every service is given."""
    return {
        "LB": home.services_balancer,
        "HOST_IP_ADDRESS": home.host,
        "ACCESS": membership.access(home.settings),
        **traces.given(home.settings),
    }


def of_service(home: Home, folder: Path) -> dict[str, str]:
    """Return what one service is given besides; makes its accounts if need be."""
    name = folder.name.removeprefix("microflack_")
    service_settings = read_env(folder / "service.env")
    found = {
        "SERVICE_NAME": name,
        "SERVICE_URL": service_settings["SERVICE_URL"],
        "LB_ALGORITHM": service_settings.get("LB_ALGORITHM", "roundrobin"),
    }
    if locations := service_settings.get("SERVICE_LOCATIONS"):
        found["SERVICE_LOCATIONS"] = locations
    if service_settings.get("NEEDS_DB") == "yes":
        found["DATABASE_URL"] = _database(home, name)
    found |= files_store.given(home.settings, service_settings)
    return found | access.of_account(home, name, service_settings)


def _database(home: Home, name: str) -> str:
    # Also while the database is down, if it was up before.
    password = read_env(database.password_file(home, name)).get("DB_PASSWORD")
    if password:
        return database.url(home, name, name, password)
    return database.ensure(home, name)


def of_platform(home: Home) -> dict[str, str]:
    """Return what lets a person in, who may do everything."""
    own = {"ETCD": home.etcd, "REDIS": home.redis}
    return own | access.secrets_of(home, {})


def of_monolith(home: Home) -> dict[str, str]:
    """Return what a monolith needs to stand behind this platform, as mfup takes it."""
    each = [read_env(file) for file in sorted(_root().glob("*/service.env"))]
    # One account that may do what all of its services may.
    names = {name for one in each for name in one if one[name] != "no"}
    together = {name: " ".join(one.get(name, "") for one in each) for name in names}
    for name in names:
        if name.startswith("NEEDS_"):
            together[name] = "yes"
    given = access.of_account(home, "monolith", together)
    behind = {
        "MF_LB": home.services_balancer,
        "MF_ETCD": given.pop("ETCD"),
        "MF_REDIS": given.pop("REDIS"),
        "MF_ACCESS": membership.access(home.settings),
    }
    return behind | given


def of(home: Home, arguments: list[str]) -> dict[str, str]:
    """Return what is asked for: of the platform, a service, or a monolith.

    :raises PlatformError: a server does not answer.
    """
    if not arguments:
        return shared(home) | of_platform(home)
    if arguments == ["--monolith"]:
        return of_monolith(home)
    return shared(home) | of_service(home, _root() / f"microflack_{arguments[0]}")


def _root() -> Path:
    return Path(os.environ["MF_ROOT"])


def main(arguments: list[str]) -> int:
    """Print the .env file."""
    home = Home.here()
    try:
        values = of(home, arguments)
    except PlatformError as error:
        print(f"mfenv: {error}. Is the platform up? Start it: mfup", file=sys.stderr)
        return 1
    print(*(f"{key}={value}" for key, value in values.items()), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
