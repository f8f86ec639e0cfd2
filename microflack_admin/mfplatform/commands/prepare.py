"""The first thing that mfup does: record settings and secrets, look for the ports.

    python3 -m mfplatform.commands.prepare

Runs with any Python 3 before anything is installed, so that what stands in the way is
said at once. Changes nothing where all is recorded already.
"""

import os
import resource
import secrets
import sys
from collections.abc import Iterable, Mapping
from hashlib import sha256
from ipaddress import AddressValueError, IPv4Address

from mfplatform.commands import asked_tls, edge
from mfplatform.logs.shipping import destination
from mfplatform.runtime import base
from mfplatform.runtime.base import Runtime
from mfplatform.secrets_store import kept, options, store
from mfplatform.state import (
    care,
    files_store,
    identity,
    instances,
    membership,
    metrics,
    nightly,
    ports,
    redundancy,
    status_page,
    tls,
    traces,
)
from mfplatform.state.home import Home, PlatformError, run_folder, write_env

# Below the ports that Linux gives to outgoing connections, which would get in the way.
INSIDE = range(21000, 30000)
# What the supervisor wants for itself and what it starts.
NEEDED_FILES = 4096
# Published images that take the place of the platform's own, where it runs images.
IMAGES = ("MF_DATABASE_IMAGE", "MF_QUEUE_IMAGE", "MF_REGISTRY_IMAGE")
FIXED = {
    "MF_BIND": "127.0.0.1",
    "INSTANCE_PORTS": "20100-20999",
}
SECRETS = (
    "SECRET_KEY",
    "JWT_SECRET_KEY",
    "MYSQL_ROOT_PASSWORD",
    "STATS_PASSWORD",
    "REGISTRY_PASSWORD",
    "REDIS_PASSWORD",
    "SERVICE_KEY",
    "WEB_PUSH_KEY",
)


def asked_port(name: str, text: str) -> str:
    """Return the port that was asked for, checked."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise ValueError(f"{name} must be a port number from 1 to 65535, not '{text}'")
    return str(int(text))


def asked_address(text: str) -> str:
    """Return the address that was asked for, checked."""
    try:
        return str(IPv4Address(text))
    except AddressValueError:
        raise ValueError(f"MF_BIND must be an IPv4 address, not '{text}'") from None


def balancer_url(wanted: Mapping[str, str]) -> str:
    """Return the URL at which this machine reaches the load balancer."""
    if wanted["MF_TLS"] != "off":
        return f"http://{wanted['HOST_IP_ADDRESS']}:{wanted['SERVICES_PORT']}"
    everywhere = wanted["MF_BIND"] == "0.0.0.0"
    host = wanted["HOST_IP_ADDRESS"] if everywhere else wanted["MF_BIND"]
    port = wanted["MF_PORT"]
    return f"http://{host}" if port == "80" else f"http://{host}:{port}"


def own_candidates(home: Home) -> Iterable[int]:
    """Return internal ports, each platform's from another place on."""
    start = int(sha256(os.fsencode(home.path)).hexdigest(), 16) % len(INSIDE)
    return (*INSIDE[start:], *INSIDE[:start])


def check_limits() -> None:
    """Refuse to start where too few files may be open at the same time."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < NEEDED_FILES:
        raise PlatformError(
            f"only {most} files may be open at a time here, and the platform needs "
            f"{NEEDED_FILES}. Raise the limit (ulimit -n {NEEDED_FILES}, or nofile in "
            "/etc/security/limits.conf) and try again"
        )


def settle(home: Home) -> None:
    """Record what is not recorded yet, and check that the ports are free."""
    check_limits()
    found = home.settings
    chosen = asked_runtime(home, found)
    home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    identity.settle(home.path, found.get("MF_RUN", ""))
    runtime = base.create(home, chosen)
    running = _running(runtime)
    wanted = FIXED | found | {"MF_RUN": str(run_folder(home.path))}
    wanted["MF_RUNTIME"] = chosen
    if "HOST_IP_ADDRESS" not in found:
        wanted["HOST_IP_ADDRESS"] = runtime.host()
    redundancy.check_runtime(os.environ, chosen, runtime.can_be_redundant)
    wanted |= runtime.asked(os.environ)
    if not found:
        wanted |= {name: os.environ[name] for name in IMAGES if os.environ.get(name)}
    wanted |= outside(found)
    wanted["MF_URL"] = wanted["MF_URL"] or redundancy.url(wanted)
    if asked := os.environ.get("MF_ASKED_ACCESS"):
        wanted[membership.SETTING] = membership.asked(asked)
    check_access(home, runtime, wanted)
    wanted |= edge.settle(found, os.environ)
    wanted |= files_store.settle(found, os.environ)
    wanted |= care.settle(found, os.environ)
    wanted |= nightly.settle(found, os.environ)
    nightly.check(home, found, wanted)
    wanted |= status_page.settle(found, os.environ)
    wanted |= destination.settle(found, os.environ)
    wanted |= traces.settle(found, os.environ)
    parts = [part.name for part in runtime.parts()]
    for one in (care, status_page, destination):
        one.check(wanted, chosen, parts)
    # Both are recorded by the module "up", once their servers are installed.
    options.settings(found, os.environ)
    metrics.check(metrics.asked(found, os.environ), chosen, parts)
    check_outside(wanted, found if running else {})
    _choose_internal(home, runtime, wanted, running)
    wanted["LB"] = balancer_url(wanted)
    # What needs a certificate is recorded when there is one (see certificate.py).
    secure = wanted["MF_TLS"] != "off"
    if not secure:
        home.next_settings_file.unlink(missing_ok=True)
    write_env(home.next_settings_file if secure else home.settings_file, wanted)
    # Those that the store has are in no file.
    elsewhere = kept.PATHS if store.holds_secrets(home) else ()
    needed = [name for name in SECRETS if name not in elsewhere]
    made = {name: secrets.token_hex(32) for name in needed}
    write_env(home.secrets_file, made | home.secrets)


def check_access(home: Home, runtime: Runtime, wanted: Mapping[str, str]) -> None:
    """Refuse to be for members only while something runs that does not know of it."""
    if membership.access(wanted) == membership.OPEN:
        return
    for one in instances.all_instances(home):
        image = runtime.image(one.service, one.image)
        membership.check(wanted, one.service, one.version, image.knows_access)


def asked_runtime(home: Home, found: Mapping[str, str]) -> str:
    """Return the runtime that was asked for, which never changes."""
    asked = os.environ.get("MF_ASKED_RUNTIME") or found.get("MF_RUNTIME", "process")
    recorded = found.get("MF_RUNTIME", asked)
    if asked != recorded:
        noun = base.create(home, recorded).noun
        raise PlatformError(
            f"the platform in {home.path} runs as {noun}, and that cannot be changed. "
            "Give the other one another MF_HOME and MF_PORT"
        )
    return asked


def _running(runtime: Runtime) -> bool:
    if runtime.is_running():
        return True
    # Without what kept it running nothing would bring back what dies: start anew.
    runtime.clear()
    return False


def outside(found: Mapping[str, str]) -> dict[str, str]:
    """Return where it is to listen for people, and how; ValueError if that is wrong."""
    wanted = asked_tls.settings(found)
    wanted["MF_PORT"], wanted["MF_HTTP_PORT"] = asked_tls.ports(found, wanted)
    wanted["MF_BIND"] = asked_tls.address(found, wanted)
    for name in ("PORT", "HTTP_PORT"):
        if asked := asked_tls.asked(name):
            wanted[f"MF_{name}"] = asked_port(f"MF_{name}", asked)
    if asked := asked_tls.asked("BIND"):
        wanted["MF_BIND"] = asked_address(asked)
    asked_tls.check_open(wanted)
    if wanted["MF_TLS"] == "off":
        wanted["MF_HTTP_PORT"] = ""
    elif wanted["MF_PORT"] == wanted["MF_HTTP_PORT"]:
        raise ValueError(
            f"MF_PORT and MF_HTTP_PORT are both {wanted['MF_PORT']}: the first is for "
            "https, the other for http"
        )
    return wanted | {"MF_URL": tls.url(wanted)}


def check_outside(wanted: Mapping[str, str], running: Mapping[str, str]) -> None:
    """Refuse an address or ports that the platform cannot have.

    :param running: the settings of the platform if it runs: its ports are its own.
    """
    host, names = wanted["MF_BIND"], ("MF_PORT", "MF_HTTP_PORT")
    # Any port tells whether the address is one of this machine.
    ports.is_free(0, host)
    held = {running.get(name) for name in names}
    for name in names:
        if wanted[name] and wanted[name] not in held:
            check_free(int(wanted[name]), host, name)


def check_free(port: int, host: str, name: str = "MF_PORT") -> None:
    """Refuse a port that somebody else listens on; ``name`` is the setting for it."""
    if not ports.is_free(port, host):
        raise PlatformError(
            f"port {port} is taken by {ports.holder(port)}. "
            f"Choose another one, for example: {name}={port + 1} mfup"
        )


def _internal_ports(runtime: Runtime) -> list[str]:
    """Return the settings with ports that nobody but the platform has to know."""
    names = [name for part in runtime.parts() for name in (part.port, *part.more_ports)]
    # Members of one kind have the same, each on its own host.
    return [name for name in dict.fromkeys(names) if name not in ("", "MF_PORT")]


def _choose_internal(
    home: Home, runtime: Runtime, wanted: dict[str, str], running: bool
) -> None:
    """Have a port for all that needs one; what runs keeps those that it has."""
    chosen: list[int] = []
    for name in _internal_ports(runtime):
        port = int(wanted.get(name, 0))
        kept = port and running
        if not kept and (not port or port in chosen or not ports.is_free(port)):
            port = ports.pick(own_candidates(home), chosen)
            wanted[name] = str(port)
        chosen.append(port)


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
