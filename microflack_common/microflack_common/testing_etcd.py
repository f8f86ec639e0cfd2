"""A real etcd for the tests of services."""

import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from microflack_common.testing_server import ServerProcess, free_port, started


class EtcdServer(ServerProcess):
    """An etcd of its own.

    :param folder: where it keeps its data; it makes the folder.
    """

    def __init__(self, folder: Path) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        peer = f"http://127.0.0.1:{free_port()}"
        command = [
            "etcd", "--enable-v2", "--data-dir", str(folder), "--log-level", "error",
            "--listen-client-urls", self.url, "--advertise-client-urls", self.url,
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
            "--initial-cluster", f"default={peer}",
        ]  # fmt: skip
        super().__init__(command)

    def answers(self) -> bool:
        """Tell whether it says that it is well."""
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=1) as answer:
                return b"true" in answer.read()
        except (urllib.error.URLError, OSError):
            return False


@contextmanager
def etcd_server(folder: Path) -> Iterator[EtcdServer]:
    """Run an etcd of its own while the block runs; then its data are removed."""
    try:
        with started(EtcdServer(folder)) as server:
            yield server
    finally:
        # 64 MB that it reserves: some dozens of them fill a small /tmp.
        shutil.rmtree(folder, ignore_errors=True)
