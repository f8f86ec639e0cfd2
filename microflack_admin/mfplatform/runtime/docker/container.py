"""One container: what it is made of, and the command line that starts it."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path


def me() -> str:
    """Return the user for what writes into MF_HOME, so that it stays the owner's."""
    return f"{os.getuid()}:{os.getgid()}"


@dataclass(frozen=True)
class Mount:
    """A file or folder of the host that a container sees."""

    source: Path
    target: str

    def __str__(self) -> str:
        """Return it as docker wants it: fields of CSV, since paths hold anything."""
        fields = ("type=bind", f"source={self.source}", f"target={self.target}")
        return ",".join('"' + each.replace('"', '""') + '"' for each in fields)


@dataclass(frozen=True)
class Container:
    """A container as it should be.

    ``options`` are more arguments of ``docker run``; ``user`` is the image's own when
    empty. The environment is passed in a file: secrets stand on no command line.
    """

    name: str
    image: str
    environment: Mapping[str, str]
    environment_file: Path
    command: Sequence[str] = ()
    mounts: Sequence[Mount] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    options: Sequence[str] = ()
    user: str = ""
    stop_seconds: int = 10

    def run(self, full_name: str, labels: Mapping[str, str]) -> list[str]:
        """Return the arguments of docker that start it.

        All containers use the host's network, so an address means the same to
        everybody: to the load balancer, to instances, and to a server that somebody
        runs on the host itself. What listens on 127.0.0.1 is reachable from this
        machine only, as if its port had been published there; and nothing has to go
        through Docker's proxy or NAT.
        """
        words = ["run", "--detach", "--name", full_name, "--network", "host"]
        words += ["--restart", "always", "--stop-timeout", str(self.stop_seconds)]
        words += ["--security-opt", "no-new-privileges"]
        words += ["--log-driver", "json-file"]
        words += ["--log-opt", "max-size=10m", "--log-opt", "max-file=2"]
        words += ["--env-file", str(self.environment_file)]
        for key, value in {**self.labels, **labels}.items():
            words += ["--label", f"{key}={value}"]
        for mount in self.mounts:
            words += ["--mount", str(mount)]
        words += ["--user", self.user] if self.user else []
        return [*words, *self.options, self.image, *self.command]

    def digest(self) -> str:
        """Return what changes when the container has to be made anew."""
        told = [self.run(self.name, {}), dict(self.environment)]
        return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
