"""Who may do what in the queue: its file of users (Redis manual, "ACL")."""

import socket
from contextlib import suppress
from hashlib import sha256

from mfplatform.state import accounts, redundancy
from mfplatform.state.accounts import Account
from mfplatform.state.home import ROOT, Home, PlatformError, write_private

# What a service has no use for: to empty the queue, stop it, look at others.
COMMANDS = "+@all -@admin -@dangerous"
ANSWER_TIMEOUT_SECONDS = 5.0


def prepare(home: Home) -> None:
    """Write the file of users that the queue is started with."""
    folder = home.path / "redis"
    folder.mkdir(mode=0o700, exist_ok=True)
    lines = first_users(home)
    with home.locked("queue"):
        services = accounts.of_services(home)
        lines += [f"user {one.name} {_rules(one)}" for one in services]
        write_private(folder / "users.acl", "".join(f"{one}\n" for one in lines))
        # A published image has a user of its own who has to read it. MF_HOME is for
        # its owner only, and nothing but hashes of long random words stands there.
        folder.chmod(0o755)
        (folder / "users.acl").chmod(0o644)


def first_users(home: Home) -> list[str]:
    """Return the lines that let the platform itself in, and nobody without a name."""
    root = Account(ROOT, home.secrets["REDIS_PASSWORD"])
    return ["user default off", f"user {ROOT} {_password(root)} ~* &* +@all"]


def _password(account: Account) -> str:
    # Its hash will do, since nobody can guess what it was made of.
    return f"on #{sha256(account.password.encode()).hexdigest()}"


def _rules(account: Account) -> str:
    if not account.redis_keys:
        return "off"
    keys = " ".join(f"~{one}" for one in _patterns(account.redis_keys))
    channels = " ".join(f"&{one}" for one in _patterns(account.redis_channels))
    return f"{_password(account)} {keys} resetchannels {channels} {COMMANDS}"


def _patterns(said: tuple[str, ...]) -> tuple[str, ...]:
    # Another one beside that for everything is an error.
    return ("*",) if "*" in said else said


def grant(home: Home, account: Account) -> None:
    """Let a service in; connections that it has stay.

    :raises PlatformError: the queue runs and does not take it.
    """
    prepare(home)
    let_in = f"ACL SETUSER {account.name} reset {_rules(account)}"
    if redundancy.is_on(home.settings):
        _grant_everywhere(home, let_in)
        return
    try:
        ask(home, let_in)
    except ConnectionRefusedError:
        # It reads the file when it starts.
        return
    except OSError as error:
        raise PlatformError(f"the queue does not answer: {error}") from error


def _grant_everywhere(home: Home, let_in: str) -> None:
    """Have each member know and keep an account: they do not tell each other."""
    for member in redundancy.hosts(home.settings):
        # One that is away hears of it by the next mfup.
        with suppress(OSError):
            ask(home, let_in, member.address)
            ask(home, "ACL SAVE", member.address)


def answers(home: Home, host: str = "") -> bool:
    """Tell whether the queue works, or that of one host."""
    try:
        return ask(home, "PING", host) == "+PONG"
    except (OSError, PlatformError):
        return False


def ask(home: Home, command: str, host: str = "", skip: int = 0) -> str:
    """Return a line of what the queue, or that of one host, answers.

    :param skip: how many lines there are before it.
    :raises PlatformError: it refuses.
    :raises OSError: it does not answer.
    """
    address = (host or home.door, int(home.settings["REDIS_PORT"]))
    lines = [f"AUTH {ROOT} {home.secrets.get('REDIS_PASSWORD', '')}", command]
    with socket.create_connection(address, ANSWER_TIMEOUT_SECONDS) as connection:
        connection.sendall("".join(f"{line}\r\n" for line in lines).encode())
        with connection.makefile("r", newline="\r\n") as told:
            found = [told.readline().strip() for _ in range(len(lines) + skip)]
    if refused := [line for line in found if line.startswith("-")]:
        raise PlatformError(f"the queue refuses: {refused[0].lstrip('-')}")
    return found[-1]
