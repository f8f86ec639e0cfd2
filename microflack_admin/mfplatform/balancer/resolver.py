"""Look up host names beside the main loop, which must never wait for a name server."""

import socket
import threading
import time
from collections.abc import Callable

FRESH = 30.0
RETRY = 5.0
MOST_AT_ONCE = 8


def system_lookup(host: str) -> str | None:
    """Return an IP address of ``host``, IPv4 preferred, or None."""
    if host == "localhost":
        # Always this machine (RFC 6761, 6.3), also where no file or server knows it.
        return "127.0.0.1"
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return None
    found.sort(key=lambda entry: entry[0] != socket.AF_INET)
    return str(found[0][4][0]) if found else None


class Resolver:
    """Know the addresses of hosts; a lookup takes place in a thread of its own."""

    def __init__(self, resolve: Callable[[str], str | None] = system_lookup) -> None:
        self._resolve = resolve
        self._lock = threading.Lock()
        self._known: dict[str, tuple[str | None, float]] = {}
        self._running: set[str] = set()

    @property
    def busy(self) -> bool:
        """Say whether a lookup is under way, so that looking again soon is worth it."""
        return bool(self._running)

    def lookup(self, host: str) -> str | None:
        """Return what is known of ``host`` at once; refresh it in the background."""
        with self._lock:
            ip, expires = self._known.get(host, (None, 0.0))
            due = time.monotonic() >= expires and host not in self._running
            if due and len(self._running) < MOST_AT_ONCE:
                self._running.add(host)
                # A daemon, since a name server may keep it longer than we may live.
                threading.Thread(target=self._fetch, args=(host,), daemon=True).start()
            return ip

    def wait(self, timeout: float) -> None:
        """Wait until no lookup is under way, but not longer than ``timeout``."""
        deadline = time.monotonic() + timeout
        while self._running and time.monotonic() < deadline:
            time.sleep(0.002)

    def _fetch(self, host: str) -> None:
        ip = self._resolve(host)
        with self._lock:
            known, _ = self._known.get(host, (None, 0.0))
            # A name that had an address keeps it while the name server is away.
            expires = time.monotonic() + (FRESH if ip else RETRY)
            self._known[host] = (ip or known, expires)
            self._running.discard(host)
