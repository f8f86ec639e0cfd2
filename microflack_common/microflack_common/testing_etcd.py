"""A real etcd for the tests of services."""

import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from microflack_common.testing import free_port


class EtcdServer:
    """An etcd of its own, which can be stopped and started again.

    :param folder: where it keeps its data; it makes the folder.
    """

    def __init__(self, folder: Path) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        peer = f"http://127.0.0.1:{free_port()}"
        self._command = [
            "etcd", "--enable-v2", "--data-dir", str(folder), "--log-level", "error",
            "--listen-client-urls", self.url, "--advertise-client-urls", self.url,
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
            "--initial-cluster", f"default={peer}",
        ]  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while not self._answers():
            if self._process.poll() is not None:
                raise RuntimeError("etcd does not start")

    def stop(self) -> None:
        """Kill it, if it runs, and wait until it has ended."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=1) as answer:
                return b"true" in answer.read()
        except (urllib.error.URLError, OSError):
            return False


@contextmanager
def etcd_server(folder: Path) -> Iterator[EtcdServer]:
    """Run an etcd of its own while the block runs; then its data are removed."""
    server = EtcdServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        # 64 MB that it reserves: some dozens of them fill a small /tmp.
        shutil.rmtree(folder, ignore_errors=True)
