"""A platform to measure: brought up, asked about itself, taken down."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from mfplatform.state import ports
from mfplatform.state.home import Home, PlatformError
from mftools.bench.http_client import Address
from microflack_common.registry import Registry

# Below the platforms' own ports and those of outgoing connections.
PORTS = range(19000, 20000)
INSTANCE_PORTS = "17000-17999"
# The folders of MF_HOME with what a platform has stored since it was installed.
DATA_FOLDERS = (
    *("instances", "etcd", "registry", "mariadb", "redis", "haproxy", "logs"),
    "moving",
)
# Variables by which the caller's shell names another platform.
FOREIGN = ("ETCD", "LB", "REDIS", "PIP_FIND_LINKS", "UV_FIND_LINKS", "PYTHONPATH")


class Testbed:
    """The platform that is measured.

    :param first_port: it gets this one or the first free one after it.
    """

    def __init__(self, home: Home, first_port: int = PORTS.start) -> None:
        self.home = home
        self.port = ports.pick(range(first_port, PORTS.stop))
        self._bin = Path(os.environ["MF_ADMIN"]) / "bin"
        own = {k: v for k, v in os.environ.items() if not k.startswith("MF_")}
        self._environment = {k: v for k, v in own.items() if k not in FOREIGN} | {
            "MF_HOME": str(home.path),
            "MF_PORT": str(self.port),
            # What is measured asks for more than one address may.
            "MF_LIMITS": "off",
            "MF_RUNTIME": os.environ.get("MF_RUNTIME", "process"),
        }

    def mf(self, command: str, *arguments: str) -> str:
        """Call an mf* command; return its output, raise PlatformError if it fails."""
        done = subprocess.run(
            [self._bin / command, *arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise PlatformError(f"{command} failed:\n{done.stderr.strip()}")
        return done.stdout

    def up(self) -> float:
        """Bring it up; return how many seconds that took."""
        began = time.perf_counter()
        self.mf("mfup")
        return time.perf_counter() - began

    def set(self, **variables: str) -> None:
        """Have the commands find these in their environment."""
        self._environment |= variables

    def have_limits(self, limits: str) -> None:
        """Have its limits on or off; it is started anew for that."""
        self._environment["MF_LIMITS"] = limits
        self.up()

    def have_instances(self, count: int) -> None:
        """Have at least so many instances of each service."""
        running = [one["service"] for one in self.status()["instances"]]
        for service in sorted(set(running)):
            for _ in range(count - running.count(service)):
                self.mf("mfrun", service)

    def down(self) -> None:
        """Take it down."""
        self.mf("mfdown")

    def empty(self) -> None:
        """Forget all data; what was installed and built stays."""
        self.down()
        for name in DATA_FOLDERS:
            shutil.rmtree(self.home.path / name, ignore_errors=True)
        # Other platforms on this machine take theirs elsewhere: one that starts while
        # this one is stopped must not get in the way.
        self.home.record(INSTANCE_PORTS=INSTANCE_PORTS)

    @property
    def address(self) -> Address:
        """Where its load balancer listens."""
        host, _, port = self.home.balancer.removeprefix("http://").partition(":")
        return Address(host, int(port or 80))

    @property
    def registry(self) -> Registry:
        """Its registry."""
        return Registry(self.home.etcd)

    def service_at(self, location: str) -> str | None:
        """Return the name of the service that is routed at a location."""
        for key, value in self.registry.tree("/services").values.items():
            if value == location and key.endswith("/location"):
                return key.split("/")[2]
        return None

    def status(self) -> dict[str, Any]:
        """Return what mfstatus tells."""
        return dict(json.loads(self.mf("mfstatus", "--json")))

    def instances(self, service: str) -> list[dict[str, Any]]:
        """Return the instances of a service as mfstatus tells them, oldest first."""
        found = [
            one
            for one in self.status()["instances"]
            if one["service"] == service and one["pid"]
        ]
        return sorted(found, key=lambda one: float(one["since"]))

    def pids(self) -> dict[str, list[int]]:
        """Return the processes of each part and of each service."""
        status = self.status()
        found: dict[str, list[int]] = {}
        for one in status["parts"]:
            found[one["name"]] = [one["pid"]] if one["pid"] else []
        for one in status["instances"]:
            found.setdefault(one["service"], []).extend([one["pid"] or 0])
        return {name: [pid for pid in pids if pid] for name, pids in found.items()}
