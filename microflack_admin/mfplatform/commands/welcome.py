"""Say who may use the platform that is up, and how its first administrator comes in.

    python -m mfplatform.commands.welcome URL

Everything goes to standard error: standard output is for the URL alone.
"""

import socket
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import segno

from mfplatform.commands.users_api import UsersAPI
from mfplatform.state import membership
from mfplatform.state.home import Home, PlatformError

TOLD = {
    membership.OPEN: "Whoever reaches it can read and register (MF_ACCESS=open).",
    membership.MEMBERS: "For members: invite people with mfuser (MF_ACCESS=members).",
}
FIRST = "Nobody has registered yet. Who opens this first is the administrator:"
NO_ADMIN = "Nobody is an administrator yet. Make somebody one: mfuser admin NICKNAME"
# Documentation only (RFC 5737): nothing is sent there, but the way there is known.
SOMEWHERE = ("192.0.2.1", 9)


def public_url(home: Home, url: str) -> str:
    """Return the address for other machines, where they reach the platform."""
    if home.settings.get("MF_BIND") != "0.0.0.0":
        return url
    parts = urlsplit(url)
    if parts.hostname != home.host:
        return url
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit(parts._replace(netloc=f"{_own_address(home.host)}{port}"))


def at(url: str, link: str) -> str:
    """Return a link of the API as it is at a URL that people use."""
    parts, base = urlsplit(link), urlsplit(url)
    return urlunsplit(parts._replace(scheme=base.scheme, netloc=base.netloc))


def lines(home: Home, url: str) -> Iterator[str]:
    """Yield what to say; a link comes alone."""
    yield TOLD[membership.access(home.settings)]
    api = UsersAPI(home)
    if api.is_empty():
        yield FIRST
        yield at(url, first_invitation(api))
    elif not any(user.get("admin") for user in api.users()):
        yield NO_ADMIN


def first_invitation(api: UsersAPI) -> str:
    """Return the link for an administrator: the same one until it is used."""
    for one in api.ask("GET", "/invitations")["invitations"]:
        if one["admin"]:
            return str(one["url"])
    return str(api.ask("POST", "/invitations", json={"admin": True})["url"])


def _own_address(fallback: str) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(SOMEWHERE)
        except OSError:
            return fallback
        return str(probe.getsockname()[0])


def main(arguments: list[str]) -> int:
    """Say it; what cannot be known is left out."""
    home = Home.here()
    url = public_url(home, arguments[0])
    try:
        for line in lines(home, url):
            print(line, file=sys.stderr)
            if "#" in line and membership.is_in_network(home.settings):
                segno.make(line, error="l").terminal(out=sys.stderr, compact=True)
    except PlatformError:
        # A release of before there were administrators, or somebody else's service.
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
