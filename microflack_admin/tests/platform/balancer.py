"""A load balancer under test: real etcd and HAProxy, and the loop between them."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests
from backend import Backend
from daemons import Daemon, free_port, wait_for
from requests.adapters import HTTPAdapter

ADMIN = Path(__file__).resolve().parents[2]
STATS_PASSWORD = 'it\'s a "secret" $HOME #1 \\ %'


class _From(HTTPAdapter):
    """Connections that come from one of this machine's addresses."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Give the address to every connection."""
        options["source_address"] = (self._address, 0)
        super().init_poolmanager(*arguments, **options)


class Balancer:
    """The three processes, and what a person would do with them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.etcd_port = free_port(), free_port()
        self.services_port, self.operator_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.etcd_url = f"http://127.0.0.1:{self.etcd_port}"
        self.config = folder / "haproxy.cfg"
        master = str(folder / "master.sock")
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ADMIN),
            "ETCD": self.etcd_url,
            "MF_PORT": str(self.port),
            "MF_SERVICES_PORT": str(self.services_port),
            "MF_OPERATOR_PORT": str(self.operator_port),
            # Most tests ask for more than one address may.
            "MF_LIMITS": "off",
            "STATS_PASSWORD": STATS_PASSWORD,
            "HAPROXY_CFG": str(self.config),
            "HAPROXY_SOCKET": str(folder / "haproxy.sock"),
            "HAPROXY_MASTER_SOCKET": master,
        }
        self.etcd = Daemon(self._etcd_command(), folder / "etcd.log")
        self.haproxy = Daemon(
            ["haproxy", "-W", "-S", master, "-f", str(self.config)],
            folder / "haproxy.log",
        )
        command = [sys.executable, "-m", "mfplatform.balancer.loop"]
        self.loop = Daemon(command, folder / "renderer.log", self.environment)
        self.daemons = (self.loop, self.haproxy, self.etcd)

    def _etcd_command(self) -> list[str]:
        peer = f"http://127.0.0.1:{free_port()}"
        return [
            *("etcd", "--enable-v2", "--name=default", "--log-level=error"),
            f"--data-dir={self.folder / 'etcd'}",
            f"--listen-client-urls={self.etcd_url}",
            f"--advertise-client-urls={self.etcd_url}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
        ]

    def start(self) -> None:
        """Start everything and wait until it works."""
        self.etcd.start()
        self.write_config()
        self.haproxy.start()
        self.loop.start()
        wait_for(lambda: self.report() is not None)

    def stop(self) -> None:
        """End everything."""
        for daemon in self.daemons:
            daemon.stop()

    def restart_with(self, **settings: str) -> None:
        """Give the load balancer other settings."""
        worker = self.worker()
        self.loop.stop()
        self.environment |= settings
        self.loop.start()
        self.wait_for_reload(worker)

    def start_etcd(self) -> None:
        """Start etcd and wait until it answers."""
        self.etcd.start()
        wait_for(self._etcd_answers)

    def empty_etcd(self) -> None:
        """Throw etcd's data away, while it is stopped."""
        shutil.rmtree(self.folder / "etcd")

    def write_config(self) -> None:
        """Write the configuration that HAProxy starts with."""
        self.run("balancer.loop", "--once-config").check_returncode()

    def run(self, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a module of mfplatform to its end."""
        return subprocess.run(
            [sys.executable, "-m", f"mfplatform.{module}", *arguments],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )

    def put(self, key: str, value: str, **options: Any) -> None:
        """Write a key below /services, as curl would."""
        data = {"value": value, **options}
        answer = requests.put(
            f"{self.etcd_url}/v2/keys/services/{key}", data, timeout=60
        )
        answer.raise_for_status()

    def register(
        self, service: str, location: str, *backends: Backend, balance: str = ""
    ) -> None:
        """Register a service and wait until its instances are served."""
        self.put(f"{service}/location", location)
        if balance:
            self.put(f"{service}/backend/balance", balance)
        for backend in backends:
            # For longer than any test takes: nobody refreshes it.
            self.put(f"{service}/upstream/{backend.name}", backend.address, ttl=900)
        for backend in backends:
            self.wait_for_state(service, backend.name, "ready")

    def wait_for_state(self, service: str, instance: str, state: str) -> None:
        """Wait until an instance is reported to be in ``state``."""
        wait_for(lambda: self.state(service, instance) == state)

    def delete(self, key: str) -> None:
        """Remove a key, or all below it."""
        url = f"{self.etcd_url}/v2/keys/services/{key}?recursive=true"
        requests.delete(url, timeout=60).raise_for_status()

    def get(self, path: str, **options: Any) -> requests.Response:
        """Send a request through the load balancer on a connection of its own."""
        return requests.get(self.url + path, timeout=30, **options)

    def get_as(self, address: str, path: str, **options: Any) -> requests.Response:
        """Send a request as a client that has this address, 127.x.y.z."""
        return self.ask_as(address, "GET", path, **options)

    def ask_as(
        self, address: str, method: str, path: str, **options: Any
    ) -> requests.Response:
        """Send any request as a client that has this address, 127.x.y.z."""
        with requests.Session() as session:
            session.mount("http://", _From(address))
            return session.request(method, self.url + path, timeout=30, **options)

    def ask_operator(self, path: str, **options: Any) -> requests.Response:
        """Send a request to the operator's port."""
        url = f"http://127.0.0.1:{self.operator_port}{path}"
        return requests.get(url, timeout=30, **options)

    def send(self, data: bytes, address: str = "127.0.0.1") -> bytes:
        """Send bytes on a connection of their own and return all that is answered."""
        with socket.create_connection(
            ("127.0.0.1", self.port), timeout=30, source_address=(address, 0)
        ) as connection:
            connection.sendall(data)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def answer(self, path: str, **options: Any) -> str:
        """Return the body, or the status if it is not 200, or "" without an answer."""
        try:
            response = self.get(path, **options)
        except requests.ConnectionError:
            return ""
        return response.text if response.ok else str(response.status_code)

    def report(self) -> dict[str, Any] | None:
        """Return what the load balancer tells in the registry."""
        try:
            url = f"{self.etcd_url}/v2/keys/loadbalancers/default"
            answer = requests.get(url, timeout=60)
        except requests.RequestException:
            return None
        if answer.status_code != 200:
            return None
        report: dict[str, Any] = json.loads(answer.json()["node"]["value"])
        return report

    def state(self, service: str, instance: str) -> str:
        """Return an instance's state as reported, "gone" if it is not there."""
        services = (self.report() or {"services": {}})["services"]
        instances = services.get(service, {"instances": {}})["instances"]
        return str(instances.get(instance, {"state": "gone"})["state"])

    def worker(self) -> str:
        """Return the id of the process that serves; a reload changes it."""
        for line in self.ask_haproxy("show info").splitlines():
            if line.startswith("Pid: "):
                return line
        return ""

    def wait_for_reload(self, worker: str) -> None:
        """Wait until another process than ``worker`` serves."""
        wait_for(lambda: self.worker() not in ("", worker))

    def wait_until_it_teaches(self) -> None:
        """Wait until HAProxy would tell a process that takes over what it knows.

        At its first start it waits for ten seconds whether there is one that tells.
        """

        def has_learned() -> bool:
            flags = self.ask_haproxy("show peers").partition(" flags=")[2]
            return int(flags.split()[0], 16) & 0x3 == 0x3

        wait_for(has_learned)

    def ask_haproxy(self, command: str) -> str:
        """Send a command to HAProxy's runtime API."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(self.environment["HAPROXY_SOCKET"])
            connection.sendall(command.encode() + b"\n")
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode()

    def _etcd_answers(self) -> bool:
        try:
            return requests.get(f"{self.etcd_url}/health", timeout=60).ok
        except requests.ConnectionError:
            return False
