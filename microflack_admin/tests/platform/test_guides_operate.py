"""Each way to back up and restore that the guide shows works as it stands there."""

from contextlib import ExitStack
from typing import Any

import requests
from checkouts import MFVARS, Elsewhere, MakeCheckout
from daemons import free_port
from guides import Guide
from platforms import Platform

pytest_plugins = ["platform_fixtures", "guide_fixtures"]


class Person:
    """Somebody who chats, on any platform that has the same data."""

    def __init__(self, platform: Platform) -> None:
        body = {"nickname": "ada", "password": "lovelace"}
        self.send(platform, "POST", "users", json=body)
        self.sign_in(platform)

    def send(self, platform: Platform, method: str, what: str, **options: Any) -> Any:
        """Send a request that has to work; return its JSON."""
        url = f"http://127.0.0.1:{platform.port}/api/{what}"
        answer = requests.request(method, url, timeout=30, **options)
        assert answer.ok, f"{url}: {answer.status_code} {answer.text}"
        return answer.json()

    def sign_in(self, platform: Platform) -> None:
        """Get a token."""
        answer = self.send(platform, "POST", "tokens", auth=("ada", "lovelace"))
        self._headers = {"Authorization": f"Bearer {answer['token']}"}

    def write(self, platform: Platform, text: str) -> None:
        """Write a message."""
        body = {"source": text}
        self.send(platform, "POST", "messages", json=body, headers=self._headers)

    def read(self, platform: Platform) -> list[str]:
        """Return what has been written."""
        messages = self.send(platform, "GET", "messages")["messages"]
        return [one["source"] for one in messages]


COPY = "Back up and restore: a copy of everything"
CHAT = ["microflack_messages", "microflack_tokens", "microflack_users"]


def test_a_copy_is_a_platform_of_its_own(
    checkout: MakeCheckout, started: ExitStack
) -> None:
    platform, guide, port = checkout(CHAT), Guide("operate.md"), free_port()
    copy = Elsewhere(platform.folder, platform.user / "microflack-backup", port)
    platform.done("mfup")
    person = Person(platform)
    person.write(platform, "before")
    back_up, restore = guide.commands(COPY)
    with platform.terminal({"8081": port}) as terminal:
        terminal.type(f"{MFVARS}\n{back_up}")
        person.write(platform, "after")
        # It knows that it was never started, and leaves the other one alone.
        copy.done("mfdown")
        started.callback(copy.remove)
        terminal.type(restore)
    # Who was signed in still is.
    person.write(copy, "in the copy")
    assert person.read(copy) == ["before", "in the copy"]
    assert person.read(platform) == ["before", "after"]
    platform.done("mfdown")
    gone = platform.home.rename(platform.folder / "gone")
    started.callback(gone.rename, platform.home)
    copy.done("mfdown")
    copy.done("mfup")
    assert person.read(copy) == ["before", "in the copy"]


def test_a_backup_is_brought_back_on_another_platform(
    checkout: MakeCheckout, started: ExitStack
) -> None:
    platform, guide, port = checkout(CHAT), Guide("operate.md"), free_port()
    other = Elsewhere(platform.folder, platform.user / "microflack-restored", port)
    passphrase = platform.user / "passphrase"
    passphrase.write_text("correct horse battery\n")
    secret = {"MF_BACKUP_PASSPHRASE_FILE": str(passphrase)}
    platform.done("mfup")
    person = Person(platform)
    person.write(platform, "in the backup")
    back_up, verify, _nightly, _cron = guide.commands("Back up")
    (restore,) = guide.commands("Restore")
    with platform.terminal({}, **secret) as terminal:
        terminal.type(f"{MFVARS}\n{back_up}{verify}")
    person.write(platform, "after it")
    other.share_tools(platform)
    started.callback(other.remove)
    with platform.terminal({"8082": port}, **secret) as terminal:
        terminal.type(f"{MFVARS}\n{restore}")
    # Who was signed in still is.
    person.write(other, "restored")
    assert person.read(other) == ["in the backup", "restored"]
    assert person.read(platform) == ["in the backup", "after it"]
