"""Three hosts with a server of each kind, and services that use them by doors."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from daemons import wait_for
from hosts import Network, NoHosts, ip
from servers import Servers
from services import Door, Services
from whole import are_together

from mfplatform.clusters.galera import PROVIDER

NEEDED = ("ip", "nsenter", "mariadbd", "mariadb-backup", "socat", "redis-server")
NEEDED += ("etcd", "haproxy")


class Clusters:
    """All of it."""

    def __init__(self, folder: Path) -> None:
        self.network = Network(3)
        self._folder = folder
        self.servers: list[Servers] = []
        self._doors: list[Door] = []
        self.services: Services | None = None

    def start(self) -> None:
        """Have everything, whole."""
        self.network.start()
        hosts = self.network.hosts
        self.servers = [Servers(host, hosts, self._folder) for host in hosts]
        for one in self.servers:
            one.start(is_first=one is self.servers[0])
        self._open_doors()
        wait_for(lambda: are_together(hosts), 600)
        self.services = Services(*self._doors, self._folder)
        self.services.start()

    def _open_doors(self) -> None:
        addresses = (self.network.address, self.network.more_address)
        self._doors = [
            Door(f"door{number}", address, self._folder)
            for number, address in enumerate(addresses, 1)
        ]
        members = [host.member for host in self.network.hosts]
        for door in self._doors:
            door.start(members, [one.member for one in self._doors])

    def stop(self) -> None:
        """Leave nothing of it."""
        if self.services:
            self.services.stop()
        for door in self._doors:
            door.daemon.stop(kill=True)
        for one in self.servers:
            one.kill()
        self.network.stop()


@pytest.fixture(scope="session")
def clusters() -> Iterator[Clusters]:
    """Return clusters that work, with services that use them."""
    missing = [name for name in NEEDED if not shutil.which(name)]
    missing += [] if Path(PROVIDER).exists() else ["galera-4"]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    folder = Path(tempfile.mkdtemp(prefix="mf-clusters-"))
    clusters = Clusters(folder)
    try:
        ip("netns", "list")
        clusters.start()
        yield clusters
    except NoHosts as reason:
        pytest.skip(f"no hosts here: {reason}")
    finally:
        clusters.stop()
        shutil.rmtree(folder, ignore_errors=True)
