"""One container: what it is made of, and the command line that starts it."""

import json
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from shlex import quote

from mfplatform.state.home import write_env, write_private

# Where the program finds what the engine is not told.
SECRETS = "/run/environment"
READ_SECRETS = f'. {SECRETS}; exec "$@"'
TMP = "/tmp:mode=1777,size=256m"
MOST_PROCESSES = 512


def me() -> str:
    """Return the user for what writes into MF_HOME, so that it stays the owner's."""
    return f"{os.getuid()}:{os.getgid()}"


@dataclass(frozen=True)
class Mount:
    """A file or folder of the host that a container sees."""

    source: Path
    target: str
    readonly: bool = False

    def __str__(self) -> str:
        """Return it as docker wants it: fields of CSV, since paths hold anything."""
        fields = ["type=bind", f"source={self.source}", f"target={self.target}"]
        fields += ["readonly"] if self.readonly else []
        return ",".join('"' + each.replace('"', '""') + '"' for each in fields)


@dataclass(frozen=True)
class Container:
    """A container as it should be.

    ``options`` are more arguments of ``docker run``; ``user`` is the image's own when
    empty. The environment is passed in a file: secrets stand on no command line.

    :param secret: variables that the engine is not told, nor whoever may ask it: its
        program reads them from a file when it starts. It needs ``command`` then.
    :param hardened: it has no capability but ``capabilities``, and writes to its mounts
        and /tmp only; a published image may need more.
    :param memory: what it may use at most, as docker writes it.
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
    secret: Collection[str] = ()
    hardened: bool = True
    capabilities: Sequence[str] = ()
    memory: str = "512m"

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
        words += ["--pids-limit", str(MOST_PROCESSES), "--memory", self.memory]
        words += self._walls() if self.hardened else []
        words += ["--env-file", str(self._told_file)]
        for key, value in {**self.labels, **labels}.items():
            words += ["--label", f"{key}={value}"]
        for mount in (*self.mounts, *self._secret_mounts()):
            words += ["--mount", str(mount)]
        words += ["--user", self.user] if self.user else []
        words += self.options
        if self.secret:
            words += ["--entrypoint", "sh"]
            return [*words, self.image, "-c", READ_SECRETS, "sh", *self.command]
        return [*words, self.image, *self.command]

    def _walls(self) -> list[str]:
        walls = ["--cap-drop", "ALL", "--read-only", "--tmpfs", TMP]
        for each in self.capabilities:
            walls += ["--cap-add", each]
        return walls

    @property
    def _told_file(self) -> Path:
        """Return the file with what the engine is told of the environment."""
        file = self.environment_file
        return file.with_name(f"{file.stem}.told") if self.secret else file

    @property
    def _secret_file(self) -> Path:
        return self.environment_file.with_name(f"{self.environment_file.stem}.secret")

    def _secret_mounts(self) -> list[Mount]:
        return [Mount(self._secret_file, SECRETS, True)] if self.secret else []

    def write_environment(self) -> None:
        """Write the files that it is started with."""
        write_env(self.environment_file, self.environment)
        if not self.secret:
            return
        told = {k: v for k, v in self.environment.items() if k not in self.secret}
        write_env(self._told_file, told)
        hidden = {k: v for k, v in self.environment.items() if k in self.secret}
        lines = [f"export {name}={quote(value)}\n" for name, value in hidden.items()]
        write_private(self._secret_file, "".join(lines))
        # For the image's own user. MF_HOME, in which it is, is for its owner only.
        self._secret_file.chmod(0o644)

    def digest(self) -> str:
        """Return what changes when the container has to be made anew."""
        told = [self.run(self.name, {}), dict(self.environment)]
        return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
