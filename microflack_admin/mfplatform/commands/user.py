"""Look after people's accounts.

    python -m mfplatform.commands.user [--json] VERB [NICKNAME] [OPTION...]

The options are those of bin/mfuser, which checks them.
"""

import argparse
import json
import sys
import unicodedata
from collections.abc import Callable
from typing import Any

from mfplatform.commands.status import table
from mfplatform.commands.users_api import UsersAPI
from mfplatform.commands.welcome import at, public_url
from mfplatform.monolith import process
from mfplatform.runtime import base
from mfplatform.state.home import Home, PlatformError

DAY_SECONDS = 86400
User = dict[str, Any]
# What each verb changes, and what it says then.
CHANGES: dict[str, tuple[dict[str, bool], str]] = {
    "deactivate": ({"deactivated": True}, "is deactivated: signed out, and stays out"),
    "reinstate": ({"deactivated": False}, "can sign in again"),
    "admin": ({"admin": True}, "is an administrator"),
    "no-admin": ({"admin": False}, "is no administrator any more"),
}


def check_running(home: Home) -> None:
    """Return if there is somebody to ask; raise PlatformError otherwise."""
    if process.is_here(home):
        process.check_running(home)
    else:
        base.running(home)


def find(api: UsersAPI, nickname: str) -> User:
    """Return the account with this nickname, which is compared without case."""
    wanted = _key(nickname)
    for user in api.users():
        if _key(user["nickname"]) == wanted:
            return user
    raise PlatformError(f"nobody is called '{nickname}'. Who there is: mfuser list")


def _key(nickname: str) -> str:
    return unicodedata.normalize("NFC", nickname).casefold()


def show_all(api: UsersAPI, options: argparse.Namespace) -> Any:
    """Return all accounts, or a table of them."""
    users = sorted(api.users(), key=lambda user: _key(user["nickname"]))
    if options.json:
        return users
    rows = [
        {
            "id": user["id"],
            "nickname": _printable(user["nickname"]),
            "role": "admin" if user["admin"] else "member",
            "state": _state(user),
        }
        for user in users
    ]
    return table(rows, ("id", "nickname", "role", "state")) if rows else "Nobody yet."


def _state(user: User) -> str:
    if user["deactivated"]:
        return "deactivated"
    return "online" if user["online"] else "offline"


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() or c in "\u200c\u200d" else "?" for c in text)


def invite(api: UsersAPI, options: argparse.Namespace) -> Any:
    """Return the link of a new invitation."""
    wanted = {"uses": options.uses, "admin": options.admin}
    if options.days is not None:
        wanted["expires_in"] = options.days * DAY_SECONDS
    return _linked(api.ask("POST", "/invitations", json=wanted), options)


def reset(api: UsersAPI, options: argparse.Namespace) -> Any:
    """Return the link by which somebody sets another password."""
    user = find(api, options.nickname)
    return _linked(api.ask("POST", f"/{user['id']}/reset"), options)


def _linked(made: dict[str, Any], options: argparse.Namespace) -> Any:
    made["url"] = at(options.url, made["url"])
    return made if options.json else made["url"]


def sign_out(api: UsersAPI, options: argparse.Namespace) -> Any:
    """End all sessions of somebody."""
    user = find(api, options.nickname)
    api.ask("DELETE", f"/{user['id']}/sessions")
    return user if options.json else f"{_printable(user['nickname'])} is signed out"


def change(api: UsersAPI, options: argparse.Namespace) -> Any:
    """Change what somebody is."""
    wanted, told = CHANGES["no-admin" if options.remove else options.verb]
    user = find(api, options.nickname)
    api.ask("PUT", f"/{user['id']}", json=wanted)
    return user | wanted if options.json else f"{_printable(user['nickname'])} {told}"


VERBS: dict[str, Callable[[UsersAPI, argparse.Namespace], Any]] = {
    "list": show_all,
    "invite": invite,
    "reset": reset,
    "signout": sign_out,
    "deactivate": change,
    "reinstate": change,
    "admin": change,
}


def main(arguments: list[str]) -> int:
    """Do as told on the command line."""
    parser = argparse.ArgumentParser(prog="mfuser", allow_abbrev=False)
    for flag in ("--json", "--admin", "--remove"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("--uses", type=int, default=1)
    parser.add_argument("--days", type=int)
    parser.add_argument("verb", choices=VERBS)
    parser.add_argument("nickname", nargs="?", default="")
    options = parser.parse_args(arguments)
    home = Home.here()
    try:
        check_running(home)
        options.url = public_url(home, f"{home.url}/")
        found = VERBS[options.verb](UsersAPI(home), options)
    except (PlatformError, OSError) as error:
        print(f"mfuser: {error}", file=sys.stderr)
        return 1
    print(json.dumps(found, indent=2) if options.json else found)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
