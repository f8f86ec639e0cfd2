"""The sockets at which the monolith listens, opened by who keeps it running.

The public one stays open while one server ends and the next one starts, or serves
beside it: who connects is not refused.
"""

import socket
from contextlib import suppress
from pathlib import Path

# Connections that may wait: Gunicorn's own number.
BACKLOG = 2048


class Listening:
    """Both sockets.

    :param address: HOST:PORT.
    :param path: where the socket of the server that serves is, which only its owner
        reaches. Each server has one of its own, whose path it removes at its end.
    :raises OSError: the address is taken, or none of this machine's.
    """

    def __init__(self, address: str, path: Path) -> None:
        host, _, port = address.rpartition(":")
        self._path = path
        self._public = socket.create_server((host, int(port)), backlog=BACKLOG)
        self._count = 0
        for left in path.parent.glob(f"{path.stem}-*{path.suffix}"):
            left.unlink()

    def open(self) -> tuple[socket.socket, socket.socket, Path]:
        """Return what a new server listens at, and the path of the second socket."""
        self._count += 1
        own = self._path.with_stem(f"{self._path.stem}-{self._count}")
        private = socket.socket(socket.AF_UNIX)
        private.bind(str(own))
        private.listen(BACKLOG)
        return self._public, private, own

    def point_to(self, own: Path) -> None:
        """Have the path lead to this server."""
        link = self._path.with_suffix(".new")
        with suppress(FileNotFoundError):
            link.unlink()
        link.symlink_to(own.name)
        link.replace(self._path)
