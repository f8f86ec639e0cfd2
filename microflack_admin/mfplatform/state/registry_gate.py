"""The door of the registry: who may come in, and what they may do there.

etcd listens on a socket in a private folder only. HAProxy stands before it, at the
registry's port: it wants a name and password (RFC 7617), refuses what comes from a web
page, and looks up what the account may do. etcd's own users are not used: it checks a
password with bcrypt, 80 ms of CPU time for each request, and an etcd that lost its data
would let everybody in.
"""

import os
import socket
from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from mfplatform.state import accounts
from mfplatform.state.accounts import Account
from mfplatform.state.home import ROOT, Home, PlatformError, write_private

# The names of the sockets in the folder; the first is what etcd makes of its URL.
ETCD_URL, ETCD_SOCKET = "unix://etcd:0", "etcd:0"
PEER_URL = "unix://peer:0"
CONTROL_SOCKET = "gate.sock"
ANSWER_TIMEOUT_SECONDS = 5.0

CONFIGURATION = """\
global
    stats socket unix@./{control} mode 600 level admin
    log stdout format raw local0
    nbthread 1
    maxconn 2000

defaults
    mode http
    log global
    option abortonclose
    # The answer to a watch begins at once, and goes on when something changes.
    option http-no-delay
    timeout connect 2s
    timeout http-request 10s
    # Who watches a key waits for as long as nothing changes.
    timeout client 1h
    timeout server 1h

frontend registry
    bind {address}
    # Who, what and the outcome; of what reads only refusals.
    log-format "%[date,ltime('%Y-%m-%d %H:%M:%S')] %[var(txn.user)] %HM %HP %ST"
    # A page of any origin: by its address, or by a name that leads here.
    http-request return status 421 content-type application/json string '{host_error}' \
unless {{ req.hdr(host) -m str {hosts} }}
    http-request return status 403 content-type application/json string '{page_error}' \
if {{ req.hdr(origin) -m found }}
    http-request set-var(txn.user) \
req.hdr(authorization),word(2,\\ ),map_str(./users.map)
    http-request return status 401 content-type application/json string '{user_error}' \
hdr WWW-Authenticate 'Basic realm="registry"' unless {{ var(txn.user) -m found }}
    http-request set-var(txn.verb) str(write)
    http-request set-var(txn.verb) str(read) if {{ method GET HEAD }}
    http-request set-var(txn.path) path
    http-request set-var(txn.ask) \
var(txn.user),concat(:,txn.verb,:),concat(,txn.path,/)
    # No path that means another one: no "..", no "//", nothing percent-encoded.
    acl plain path -m reg ^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+/?$
    acl granted var(txn.ask),map_beg(./rights.map) -m found
    acl root var(txn.user) -m str {root}
    http-request return status 403 content-type application/json \
string '{right_error}' unless root or plain granted
    http-request set-log-level silent if {{ method GET HEAD }}
    http-request set-log-level silent if {{ method PUT }} \
{{ path_reg ^/v2/keys/(services/[^/]+/(upstream/[^/]+|location|backend/balance)|\
loadbalancers/[^/]+|upgrades/lock)$ }}
    http-request del-header Authorization
    http-response del-header Access-Control-Allow-Origin
    http-response del-header Access-Control-Allow-Methods
    http-response del-header Access-Control-Allow-Headers
    default_backend etcd

backend etcd
    http-request set-header Host etcd
    server etcd unix@./{etcd}
"""
# As etcd says it, so that its clients understand.
ERROR = '{{"errorCode":110,"message":"{message}","cause":"{cause}","index":0}}'


def folder(home: Home) -> Path:
    """Return the folder of the gate's files and of the sockets; make it if need be."""
    path = home.path / "registry"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def settings(home: Home) -> dict[str, str]:
    """Return the gate's environment: it is started anew when this changes."""
    return {"CONFIGURATION": sha256(_configuration(home).encode()).hexdigest()[:16]}


def prepare(home: Home) -> None:
    """Write all that the gate is started with."""
    with home.locked("registry"):
        write_private(folder(home) / "gate.cfg", _configuration(home))
        for name, lines in _maps(home).items():
            write_private(folder(home) / name, "".join(f"{one}\n" for one in lines))


def _configuration(home: Home) -> str:
    port = home.settings["ETCD_PORT"]
    hosts = {f"{home.host}:{port}", f"127.0.0.1:{port}", f"localhost:{port}"}
    return CONFIGURATION.format(
        control=CONTROL_SOCKET,
        etcd=ETCD_SOCKET,
        address=home.registry_address,
        hosts=" ".join(sorted(hosts)),
        root=ROOT,
        host_error=_error("The Host header is not known here", "DNS rebinding"),
        page_error=_error("Web pages are not served here", "Origin"),
        user_error=_error(
            "The request requires user authentication", "Insufficient credentials"
        ),
        right_error=_error("The account may not do that", "Insufficient permissions"),
    )


def _error(message: str, cause: str) -> str:
    return ERROR.format(message=message, cause=cause)


def _maps(home: Home) -> dict[str, list[str]]:
    """Return the lines of the files that HAProxy looks things up in."""
    services = list(accounts.of_services(home))
    return {
        "users.map": [_user(one) for one in (accounts.root(home), *services)],
        "rights.map": [line for one in services for line in _rights(one)],
    }


def _user(account: Account) -> str:
    pair = f"{account.name}:{account.password}"
    return f"{b64encode(pair.encode()).decode()} {account.name}"


def _rights(account: Account) -> Iterable[str]:
    for verb, patterns in (("read", account.reads), ("write", account.writes)):
        for pattern in patterns:
            # What is asked for has a / at its end, so that /a/* is also the tree /a.
            start = pattern[:-1] if pattern.endswith("*") else f"{pattern}/"
            yield f"{account.name}:{verb}:/v2/keys{start} 1"


def grant(home: Home, service: str, service_settings: Mapping[str, str]) -> Account:
    """Let a service in with what it declares; return its account.

    :raises PlatformError: it declares what cannot be, or the gate hangs.
    """
    account = accounts.ensure(home, service, service_settings)
    prepare(home)
    with home.locked("registry"):
        for name, lines in _maps(home).items():
            _tell(home, name, lines)
    return account


def _tell(home: Home, name: str, lines: Iterable[str]) -> None:
    """Have the gate, if it runs, look things up in new lines from one moment on."""
    try:
        answer = _ask(home, f"prepare map ./{name}")
        version = answer.rpartition(":")[2].strip()
        for line in lines:
            _ask(home, f"add map @{version} ./{name} {line}")
        _ask(home, f"commit map @{version} ./{name}")
    except (FileNotFoundError, ConnectionRefusedError):
        # It reads the files when it starts.
        return
    except OSError as error:
        raise PlatformError(f"the registry's gate does not answer: {error}") from error


def _ask(home: Home, command: str) -> str:
    # By its descriptor the folder has a short name: a socket's may have 107 bytes.
    opened = os.open(folder(home), os.O_RDONLY | os.O_DIRECTORY)
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER_TIMEOUT_SECONDS)
            connection.connect(f"/proc/self/fd/{opened}/{CONTROL_SOCKET}")
            connection.sendall(command.encode() + b"\n")
            answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    finally:
        os.close(opened)
    return answer.strip()
