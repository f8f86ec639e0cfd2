"""A service of the swarm with one task, which is an instance: its whole description."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from shlex import quote
from typing import Any

from mfplatform.runtime.docker.container import (
    MOST_PROCESSES,
    READ_SECRETS,
    SECRETS,
)
from mfplatform.runtime.swarm import launch
from mfplatform.state.instances import STOP_TIMEOUT_SECONDS

LAUNCH = "/run/launch.py"
SECOND = 1_000_000_000  # The API counts nanoseconds.
TMP_BYTES = 256 * 2**20
MEMORY_BYTES = 512 * 2**20
# So that no host is given more than it can bear.
RESERVED_BYTES = 64 * 2**20
HEALTH = {
    "Test": ["CMD", "python3", LAUNCH, "--healthy"],
    "Interval": 3 * SECOND,
    "Timeout": 15 * SECOND,
    "StartPeriod": 60 * SECOND,
    "Retries": 4,
}
# With one name in the registry and one port, an instance cannot stand beside itself:
# start-first is what mfupgrade does, with another instance.
UPDATE = {
    "Parallelism": 1,
    "Order": "stop-first",
    "FailureAction": "rollback",
    "Monitor": 5 * SECOND,
}
ROLLBACK = {"Parallelism": 1, "Order": "stop-first", "FailureAction": "pause"}
LOGS = {"Name": "json-file", "Options": {"max-size": "10m", "max-file": "2"}}


@dataclass(frozen=True)
class Service:
    """An instance as the swarm is to run it.

    :param image: a name that every host can pull, or an id that the only host has.
    :param command: what it runs; the image's own entrypoint is left out.
    :param environment: all that it is given.
    :param secret: variables of it that only its program gets to see.
    :param files: what it finds beside, by path.
    """

    name: str
    image: str
    command: Sequence[str]
    environment: Mapping[str, str]
    secret: Sequence[str]
    files: Mapping[str, str]
    labels: Mapping[str, str]

    @property
    def told(self) -> list[str]:
        """Return what the swarm may know of the environment."""
        given = self.environment.items()
        return [f"{key}={value}" for key, value in given if key not in self.secret]

    @property
    def hidden(self) -> str:
        """Return the rest, as a file that a shell reads."""
        given = self.environment.items()
        lines = (f"export {k}={quote(v)}\n" for k, v in given if k in self.secret)
        return "".join(lines)

    @property
    def contents(self) -> dict[str, str]:
        """Return what stands in the configs of the swarm that it needs, by path."""
        return {**self.files, LAUNCH: Path(launch.__file__).read_text("utf-8")}

    def digest(self) -> str:
        """Return what changes when the service has to be changed."""
        told = [self.spec("", {}), self.hidden, self.contents]
        return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]

    def spec(self, secret_id: str, configs: Mapping[str, str]) -> dict[str, Any]:
        """Return it as the API wants it.

        :param configs: the ids of its configs, by path.
        """
        return {
            "Name": self.name,
            "Labels": dict(self.labels),
            "TaskTemplate": {
                "ContainerSpec": self._container(secret_id, configs),
                "Resources": {
                    "Limits": {"MemoryBytes": MEMORY_BYTES, "Pids": MOST_PROCESSES},
                    "Reservations": {"MemoryBytes": RESERVED_BYTES},
                },
                "RestartPolicy": {"Condition": "any", "Delay": SECOND},
                # As all containers of the platform: an address means the same to
                # everybody, and no request goes through a VIP, NAT or a tunnel.
                "Networks": [{"Target": "host"}],
                "LogDriver": LOGS,
            },
            "Mode": {"Replicated": {"Replicas": 1}},
            "UpdateConfig": UPDATE,
            "RollbackConfig": ROLLBACK,
            "EndpointSpec": {"Mode": "dnsrr"},
        }

    def _container(self, secret_id: str, configs: Mapping[str, str]) -> dict[str, Any]:
        # The names matter to nobody: an id is what the swarm goes by.
        secret = {"SecretID": secret_id, "SecretName": stored_name(self, self.hidden)}
        own = [
            {
                "ConfigID": configs.get(path, ""),
                "ConfigName": stored_name(self, text),
                "File": _file(path),
            }
            for path, text in self.contents.items()
        ]
        return {
            "Image": self.image,
            "Command": ["sh", "-c", READ_SECRETS, "sh", "python3", LAUNCH],
            "Args": list(self.command),
            "Env": self.told,
            "ReadOnly": True,
            "CapabilityDrop": ["ALL"],
            "Mounts": [
                {
                    "Type": "tmpfs",
                    "Target": "/tmp",
                    "TmpfsOptions": {"SizeBytes": TMP_BYTES, "Mode": 0o1777},
                }
            ],
            "StopGracePeriod": STOP_TIMEOUT_SECONDS * SECOND,
            "Healthcheck": HEALTH,
            "Secrets": [{**secret, "File": _file(SECRETS)}],
            "Configs": own,
        }


def _file(path: str) -> dict[str, Any]:
    return {"Name": path, "UID": "0", "GID": "0", "Mode": 0o444}


def stored_name(service: Service, text: str) -> str:
    """Return the name of a secret or config with this content, which never changes."""
    return f"{service.name}-{sha256(text.encode()).hexdigest()[:8]}"
