"""A service of the swarm that has its place on one host: its whole description."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mfplatform.runtime.docker.container import MOST_PROCESSES, READ_SECRETS
from mfplatform.runtime.swarm.service import (
    LOGS,
    ROLLBACK,
    SECOND,
    TMP_BYTES,
    UPDATE,
    Service,
)

MEMORY_BYTES = 2**30


@dataclass(frozen=True)
class Member(Service):
    """A part of the platform on one host, or on all but some.

    :param node: the id of its host; empty: each host but those of ``without``.
    :param volumes: where it finds what it keeps on its host, by the volumes' names.
    :param folder: its working folder; the image's own when empty.
    """

    node: str = ""
    without: Sequence[str] = ()
    volumes: Mapping[str, str] = field(default_factory=dict)
    capabilities: Sequence[str] = ()
    folder: str = ""
    stop_seconds: int = 10

    @property
    def contents(self) -> dict[str, str]:
        """Return what stands in the configs of the swarm that it needs, by path."""
        return dict(self.files)

    @property
    def hidden(self) -> str:
        """Return what its program alone gets to see, as a file that a shell reads."""
        # The swarm keeps no empty secret.
        return super().hidden or ":\n"

    def spec(self, secret_id: str, configs: Mapping[str, str]) -> dict[str, Any]:
        """Return it as the API wants it."""
        spec = super().spec(secret_id, configs)
        limits = {"MemoryBytes": MEMORY_BYTES, "Pids": MOST_PROCESSES}
        spec["TaskTemplate"] |= {
            "Resources": {"Limits": limits},
            "RestartPolicy": {"Condition": "any", "Delay": SECOND},
            "Placement": {"Constraints": self._constraints()},
            "LogDriver": LOGS,
        }
        return spec | {
            "Mode": {"Replicated": {"Replicas": 1}} if self.node else {"Global": {}},
            "UpdateConfig": UPDATE,
            "RollbackConfig": ROLLBACK,
        }

    def _constraints(self) -> list[str]:
        if self.node:
            return [f"node.id=={self.node}"]
        return [f"node.id!={one}" for one in self.without]

    def _container(self, secret_id: str, configs: Mapping[str, str]) -> dict[str, Any]:
        container = super()._container(secret_id, configs)
        del container["Healthcheck"]
        kept = [
            {"Type": "volume", "Source": source, "Target": target}
            for source, target in self.volumes.items()
        ]
        return container | {
            "Command": ["sh", "-c", READ_SECRETS, "sh"],
            "CapabilityAdd": list(self.capabilities),
            "Mounts": [_tmp(), *kept],
            "StopGracePeriod": self.stop_seconds * SECOND,
            **({"Dir": self.folder} if self.folder else {}),
        }


def _tmp() -> dict[str, Any]:
    options = {"SizeBytes": TMP_BYTES, "Mode": 0o1777}
    return {"Type": "tmpfs", "Target": "/tmp", "TmpfsOptions": options}
