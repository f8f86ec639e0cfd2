"""A registry and a queue behind their passwords, without the rest of a platform."""

import os
import subprocess
from base64 import b64encode
from pathlib import Path
from typing import Any

import requests
from daemons import Daemon, free_port, wait_for

from mfplatform.runtime.process import parts as processes
from mfplatform.state import parts
from mfplatform.state.accounts import Account
from mfplatform.state.home import Home, write_env

NAMES = ("etcd", "registry", "redis")
PASSWORDS = ("REGISTRY_PASSWORD", "REDIS_PASSWORD")


class Servers:
    """etcd, the gate before it and Redis, as mfup starts them."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder)
        settings = {"HOST_IP_ADDRESS": "127.0.0.1", "MF_RUNTIME": "process"}
        settings |= {name: str(free_port()) for name in ("ETCD_PORT", "REDIS_PORT")}
        write_env(self.home.settings_file, settings)
        write_env(
            self.home.secrets_file, {one: os.urandom(20).hex() for one in PASSWORDS}
        )
        self._daemons: dict[str, Daemon] = {}

    def start(self, *names: str) -> None:
        """Start what is named, and wait until it works."""
        for spec in parts.chosen(names):
            # As what has died is started again.
            spec.before_start(self.home, True)
            command = list(processes.command(self.home, spec))
            environment = processes.environment(self.home, spec)
            log = self.home.path / f"{spec.name}.log"
            self._daemons[spec.name] = Daemon(command, log, environment)
            self._daemons[spec.name].start()
            wait_for(lambda spec=spec: spec.probe(self.home), 60)  # type: ignore[misc]

    def stop(self, *names: str) -> None:
        """End what is named at once."""
        for name in names:
            self._daemons.pop(name).stop(kill=True)

    def stop_all(self) -> None:
        """End everything."""
        self.stop(*self._daemons)

    def ask(
        self, method: str, key: str, who: Account | None = None, **options: Any
    ) -> requests.Response:
        """Ask the registry for a key, by default as nobody."""
        headers = {"Authorization": basic(who)} if who else {}
        headers |= options.pop("headers", {})
        url = f"http://{self.home.registry_address}/v2/keys{key}"
        return requests.request(method, url, headers=headers, timeout=30, **options)


def basic(who: Account) -> str:
    """Return the header Authorization of an account."""
    return f"Basic {b64encode(f'{who.name}:{who.password}'.encode()).decode()}"


def run(command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with an environment of its own."""
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=120
    )
