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
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path

from mfplatform.state import accounts, gate_config, redundancy, shared_accounts
from mfplatform.state.accounts import Account
from mfplatform.state.home import Home, PlatformError, write_private
from mfplatform.unix_http import UnixConnection

ANSWER_TIMEOUT_SECONDS = 5.0


def folder(home: Home) -> Path:
    """Return the folder of the gate's files and of the sockets; make it if need be."""
    path = home.path / "registry"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def settings(home: Home) -> dict[str, str]:
    """Return the gate's environment: it is started anew when this changes."""
    return {"CONFIGURATION": sha256(gate_config.text(home).encode()).hexdigest()[:16]}


def prepare(home: Home) -> None:
    """Write all that the gate is started with."""
    with home.locked("registry"):
        write_private(folder(home) / "gate.cfg", gate_config.text(home))
        for name, lines in _maps(home).items():
            write_private(folder(home) / name, "".join(f"{one}\n" for one in lines))


def _maps(home: Home) -> dict[str, list[str]]:
    """Return the lines of the files that HAProxy looks things up in."""
    services = list(accounts.of_services(home))
    return {
        "users.map": [user_line(one) for one in (accounts.root(home), *services)],
        "rights.map": [line for one in services for line in _rights(one)],
    }


def user_line(account: Account) -> str:
    """Return the line that lets an account in."""
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
        maps = _maps(home)
        if redundancy.is_on(home.settings):
            shared_accounts.publish(home, maps, account)
            return account
        for name, lines in maps.items():
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
    with (
        _way_to(home, gate_config.CONTROL_SOCKET) as path,
        socket.socket(socket.AF_UNIX) as gate,
    ):
        gate.settimeout(ANSWER_TIMEOUT_SECONDS)
        gate.connect(path)
        gate.sendall(command.encode() + b"\n")
        return b"".join(iter(lambda: gate.recv(65536), b"")).decode().strip()


@contextmanager
def _way_to(home: Home, name: str) -> Iterator[str]:
    """Yield a path to a socket that is short: at most 107 bytes are allowed."""
    opened = os.open(folder(home), os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{opened}/{name}"
    finally:
        os.close(opened)


def etcd_answers(home: Home) -> bool:
    """Tell whether etcd works, whatever the gate does."""
    return _from_etcd(home, "/v2/keys/") is not None


def etcd_figures(home: Home) -> str:
    """Return what etcd tells at /metrics; "" if it does not."""
    return _from_etcd(home, "/metrics") or ""


def _from_etcd(home: Home, path: str) -> str | None:
    with _way_to(home, gate_config.ETCD_SOCKET) as place:
        connection = UnixConnection(place, ANSWER_TIMEOUT_SECONDS)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
            return text if answer.status == 200 else None
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()
