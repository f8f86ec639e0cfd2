"""A platform whose service uses a database, and what tests ask of its store."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from daemons import wait_for
from platforms import HERE, Platform

from mfplatform.secrets_store import client, server, start, store
from mfplatform.secrets_store.client import Client
from mfplatform.state.home import Home

# Long enough for a machine that is busy, short enough to see it being renewed.
LEASE_SECONDS = 40
SEALED = "the secrets store is sealed. Unseal it: mfsecrets unseal"
PYMYSQL = "pymysql==1.2.4\n"


class StorePlatform(Platform):
    """A platform with the service "echo", which has a database and needs the key."""

    def add_services(self) -> None:
        """Put echo there, with a pool of connections."""
        super().add_services()
        service = self.folder / "microflack_echo"
        shutil.copy(HERE / "pooled_echo" / "pooled.py", service)
        (service / "requirements.txt").write_text(PYMYSQL)
        with open(service / "service.env", "a") as declared:
            declared.write("NEEDS_JWT_KEY=yes\n")
        boot = (service / "boot.sh").read_text()
        (service / "boot.sh").write_text(boot.replace("echo.py", "pooled.py"))

    @property
    def state(self) -> Home:
        """Return what the platform's own code knows it by."""
        return Home(self.home)

    def given(self, instance: str) -> dict[str, str]:
        """Return what an instance's process has in its environment."""
        told = Path(f"/proc/{self.pid(instance)}/environ").read_bytes().split(b"\0")
        return dict(os.fsdecode(one).split("=", 1) for one in told if one)

    def on_disk(self, instance: str) -> dict[str, str]:
        """Return what is on the disk of an instance's environment."""
        text = (self.home / "instances" / instance / "env").read_text()
        return dict(line.split("=", 1) for line in text.splitlines())

    def asked(self) -> Client:
        """Return the store, asked by the platform."""
        return client.platform(self.state)

    def sql(self, text: str) -> list[str]:
        """Return the lines of what the database says to its root."""
        own = self.home / "mariadb" / "client.cnf"
        command = ["mariadb", f"--defaults-file={own}", "--skip-column-names"]
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, check=True
        )
        return done.stdout.split()

    def database_users(self) -> set[str]:
        """Return the users of the database as whom the service may log in."""
        told = self.sql(
            "SELECT User FROM mysql.global_priv WHERE User LIKE 'echo%' AND"
            " COALESCE(JSON_VALUE(Priv, '$.account_locked'), 'false') NOT IN"
            " ('true', '1')"
        )
        return set(told)

    def with_input(self, text: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Call an mf* command that reads something."""
        program = self.folder / "microflack_admin" / "bin" / command[0]
        return subprocess.run(
            [program, *command[1:]],
            env=self.environment(),
            input=text,
            capture_output=True,
            text=True,
            timeout=900,
        )

    @contextmanager
    def being_asked(self) -> Iterator[list[int]]:
        """Ask the service all the time; yield the answers' statuses."""
        done, answers = threading.Event(), []

        def ask() -> None:
            while not done.is_set():
                answers.append(self.get("/api/echo")[0])

        with ThreadPoolExecutor() as pool:
            asking = [pool.submit(ask) for _ in range(3)]
            try:
                yield answers
            finally:
                done.set()
            for one in asking:
                one.result()


def instance(chat: StorePlatform) -> str:
    """Return the name of the one instance."""
    (name,) = wait_for(chat.working_instances)
    return name


@contextmanager
def logged_in(chat: StorePlatform) -> Iterator[Client]:
    """Yield the store, asked with what another instance was given."""
    # Its own, since the last who comes in with a role is taken for the instance.
    name = chat.done("mfrun", "echo")
    own = chat.on_disk(name)
    asked = Client(own[start.STORE])
    asked.log_in(own[start.ROLE_ID], own[start.SECRET_ID])
    try:
        yield asked
    finally:
        chat.done("mfkill", name)


def is_open(chat: StorePlatform) -> bool:
    if not server.answers(chat.state):
        return False
    return not Client(store.address(chat.state)).seal_status()["sealed"]


@contextmanager
def sealed(chat: StorePlatform) -> Iterator[None]:
    chat.done("mfsecrets", "seal")
    try:
        yield
    finally:
        chat.done("mfsecrets", "unseal")


def sealed_until(chat: StorePlatform) -> float:
    told = store.state(chat.state) or {}
    return float(str(told["ends"])) if SEALED in str(told["problem"]) else 0.0
