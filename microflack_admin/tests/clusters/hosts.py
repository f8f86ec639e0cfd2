"""Hosts on one machine: network namespaces, and a switch that connects them.

The switch is in a namespace, too: what the machine itself does with packets that it
hands on, such as a Docker engine's rules, is not asked.
"""

import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from daemons import Daemon

from mfplatform.clusters.members import Member


class NoHosts(Exception):
    """Raised where this machine cannot have hosts; says why."""


def ip(*words: str) -> None:
    """Change the machine's network."""
    done = subprocess.run(["ip", *words], capture_output=True, text=True)
    if done.returncode:
        raise NoHosts(f"ip {' '.join(words)}: {done.stderr.strip()}")


class Host:
    """A host with an address of its own, on which processes run."""

    def __init__(self, network: "Network", number: int) -> None:
        self.address = f"{network.prefix}.{number}"
        self.member = Member(f"host{number}", self.address)
        self._name = f"{network.name}-{number}"
        self._port = f"port{number}"
        self._network = network

    def start(self) -> None:
        """Have the host, connected."""
        ip("netns", "add", self._name)
        self._network.connect(self._port, "eth0", self._name)
        inside = ("-n", self._name)
        ip(*inside, "link", "set", "lo", "up")
        ip(*inside, "address", "add", f"{self.address}/24", "dev", "eth0")
        ip(*inside, "link", "set", "eth0", "up")

    def daemon(
        self, command: Iterable[str], log: Path, env: Mapping[str, str]
    ) -> Daemon:
        """Return a process that runs here once it is started."""
        there = ["nsenter", f"--net=/run/netns/{self._name}"]
        return Daemon([*there, *command], log, env)

    def cut_off(self, is_off: bool = True) -> None:
        """Take its network away, or give it back."""
        state = "down" if is_off else "up"
        ip("-n", self._network.name, "link", "set", self._port, state)

    def stop(self) -> None:
        """Leave nothing of it."""
        subprocess.run(["ip", "netns", "delete", self._name], capture_output=True)


class Network:
    """The switch; the machine itself has addresses at it, too."""

    def __init__(self, count: int) -> None:
        number = os.getpid() % 4096
        self.prefix = f"10.{208 + number // 256}.{number % 256}"
        self.address, self.more_address = (f"{self.prefix}.{n}" for n in (254, 253))
        self.name = f"mfc{number}"
        self.hosts = [Host(self, one) for one in range(1, count + 1)]

    def start(self) -> None:
        """Have the switch and the hosts."""
        ip("netns", "add", self.name)
        ip("-n", self.name, "link", "add", "name", "switch", "type", "bridge")
        ip("-n", self.name, "link", "set", "switch", "up")
        self.connect("machine", self.name)
        for address in (self.address, self.more_address):
            ip("address", "add", f"{address}/24", "dev", self.name)
        ip("link", "set", self.name, "up")
        for host in self.hosts:
            host.start()

    def connect(self, port: str, device: str, namespace: str = "") -> None:
        """Lay a cable from a port of the switch to a device in a namespace."""
        end = ("netns", namespace) if namespace else ()
        ip("link", "add", device, *end, "type", "veth", "peer", "name", port,
           "netns", self.name)  # fmt: skip
        inside = ("-n", self.name, "link", "set", port)
        ip(*inside, "master", "switch", "up")

    def stop(self) -> None:
        """Leave nothing of it."""
        for host in self.hosts:
            host.stop()
        # A cable that is cut at one end is gone.
        subprocess.run(["ip", "link", "delete", self.name], capture_output=True)
        subprocess.run(["ip", "netns", "delete", self.name], capture_output=True)
