"""What a service declares, as its manifests need it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mfplatform.state.home import read_env

# A secret that services share: the variable, the key in the Secret, who gets it.
SHARED = (
    ("JWT_SECRET_KEY", "jwt-key", "NEEDS_JWT_KEY"),
    ("SERVICE_KEY", "service-key", "NEEDS_SERVICE_KEY"),
    ("WEB_PUSH_KEY", "web-push-key", "NEEDS_WEB_PUSH_KEY"),
)


@dataclass(frozen=True)
class Declared:
    """A service and the lines of its service.env."""

    name: str
    settings: Mapping[str, str]

    def needs(self, setting: str) -> bool:
        """Tell whether a setting says yes."""
        return self.settings.get(setting) == "yes"

    @property
    def database(self) -> bool:
        """Tell whether it has a database of its own."""
        return self.needs("NEEDS_DB")

    @property
    def queue(self) -> bool:
        """Tell whether it asks the queue."""
        return self.needs("NEEDS_REDIS")

    @property
    def registry(self) -> bool:
        """Tell whether it has an account at the registry."""
        return "REGISTRY_READS" in self.settings

    @property
    def internet(self) -> bool:
        """Tell whether it asks the Internet: push services, stores of files."""
        return self.needs("NEEDS_WEB_PUSH_KEY") or self.needs("NEEDS_FILES")

    @property
    def sticky(self) -> bool:
        """Tell whether a client has to stay on one instance."""
        return self.settings.get("LB_ALGORITHM") == "source"

    @property
    def paths(self) -> list[str]:
        """Return the prefixes of the paths that lead to it; "/" is all others."""
        more = self.settings.get("SERVICE_LOCATIONS", "").split()
        return [self.settings.get("SERVICE_URL", "/"), *more]


def services(checkout: Path) -> list[Declared]:
    """Return all services of a checkout, by their names."""
    files = sorted(checkout.glob("microflack_*/service.env"))
    return [
        Declared(file.parent.name.removeprefix("microflack_"), read_env(file))
        for file in files
    ]


def routes(found: list[Declared]) -> list[tuple[str, Declared]]:
    """Return each path and whose it is, the longest first."""
    pairs = [(path, one) for one in found for path in one.paths]
    return sorted(pairs, key=lambda pair: (-len(pair[0]), pair[0]))
