"""Read settings from the environment and report everything that is wrong at once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit

from dotenv import dotenv_values

from microflack_common import local

TRUE = {"1", "yes", "true", "on"}
FALSE = {"0", "no", "false", "off", ""}


class ConfigError(Exception):
    """Raised when settings are missing or malformed; its text names all of them."""


def version(file: str) -> str:
    """Return a service's release: what its file ``VERSION`` says.

    :param file: a module of the service's package, which is in the folder that VERSION
        is in: ``__file__``.

    Raises OSError if there is no such file.
    """
    return (Path(file).parents[1] / "VERSION").read_text().strip()


class Environment:
    """Typed readers of environment variables that collect what is wrong.

    :param environ: the variables; by default those of the process, completed by the
        file ``.env`` in ``folder``.
    :param folder: where ``.env`` is looked for; the current folder by default.
    """

    def __init__(
        self, environ: Mapping[str, str] | None = None, folder: Path | None = None
    ) -> None:
        if environ is None:
            stored = dotenv_values((folder or Path.cwd()) / ".env")
            known = {key: value for key, value in stored.items() if value is not None}
            environ = {**known, **os.environ}
        self._environ = environ
        self.problems: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        """Return the variable ``name``; without a ``default`` it is required."""
        value = self._environ.get(name, "").strip()
        if value:
            return value
        if default is None:
            self.problems.append(f"{name} is not set")
            return ""
        return default

    def integer(
        self,
        name: str,
        default: int | None = None,
        minimum: int = 0,
        maximum: int = 2**31 - 1,
    ) -> int:
        """Return the variable ``name`` as a whole number from minimum to maximum."""
        value = self.text(name, None if default is None else str(default))
        if not value:
            return minimum
        if not value.isascii() or not value.isdigit() or len(value) > 12:
            self.problems.append(f"{name} must be a whole number, not {value[:40]!r}")
            return minimum
        number = int(value)
        if not minimum <= number <= maximum:
            self.problems.append(f"{name} must be from {minimum} to {maximum}")
        return number

    def boolean(self, name: str, default: bool = False) -> bool:
        """Return the variable ``name`` as a truth value (yes/no, true/false, 1/0)."""
        value = self.text(name, "yes" if default else "no").lower()
        if value not in TRUE | FALSE:
            self.problems.append(f"{name} must be yes or no, not {value[:40]!r}")
        return value in TRUE

    def secret(self, name: str, length: int = 32, required: bool = True) -> str:
        """Return the secret ``name``, at least ``length`` characters long.

        There is no default secret; one that is not required may be empty. With
        EPHEMERAL_SECRETS=yes (for one process on a developer's machine) a missing one
        that is required is made up and forgotten when it ends.
        """
        is_missing = required and not self._environ.get(name)
        if is_missing and self.boolean("EPHEMERAL_SECRETS"):
            return token_hex(length)
        value = self.text(name, None if required else "")
        if value and len(value) < length:
            self.problems.append(f"{name} must have at least {length} characters")
        return value

    def url(self, name: str, default: str | None = None) -> str:
        """Return the variable ``name``, an http or https URL, without a final slash.

        It may be ``local:`` as well (see ``microflack_common.local``).
        """
        value = self.text(name, default)
        if local.is_local(value):
            return value
        parts = urlsplit(value)
        if value and not (parts.scheme in {"http", "https"} and parts.netloc):
            self.problems.append(f"{name} must be a URL such as http://127.0.0.1:8080")
        return value.rstrip("/")

    def check(self) -> None:
        """Raise ConfigError with every problem found so far, if there is any."""
        if self.problems:
            raise ConfigError(
                "The settings are not complete: "
                + "; ".join(self.problems)
                + ". Set them in the environment or in a .env file."
            )


@dataclass(frozen=True)
class Instance:
    """Who this process is in the registry.

    ``address`` is HOST:PORT; ``etcd`` and ``address`` are empty for a service that
    runs alone, which then does not register.
    """

    name: str
    service: str
    version: str
    url: str
    # More path prefixes than that of its URL.
    locations: tuple[str, ...]
    balance: str
    address: str
    etcd: str

    @classmethod
    def from_environment(cls, environment: Environment) -> "Instance":
        """Read the instance's own settings; problems are left for ``check()``."""
        balance = environment.text("LB_ALGORITHM", "roundrobin")
        if balance not in {"roundrobin", "leastconn", "source"}:
            environment.problems.append(
                "LB_ALGORITHM must be roundrobin, leastconn or source"
            )
        service = environment.text("SERVICE_NAME", "")
        return cls(
            name=environment.text("INSTANCE_NAME", service),
            service=service,
            version=environment.text("SERVICE_VERSION", ""),
            url=environment.text("SERVICE_URL", "/"),
            locations=tuple(environment.text("SERVICE_LOCATIONS", "").split()),
            balance=balance,
            address=environment.text("SERVICE_ADDRESS", ""),
            etcd=environment.text("ETCD", ""),
        )

    @property
    def registers(self) -> bool:
        """Say whether there is a registry and something to write into it."""
        return bool(self.etcd and self.address and self.service)
