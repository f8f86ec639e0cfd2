"""A real ACME authority for tests, pebble, and what tells it the names' addresses."""

import json
import os
import shutil
from pathlib import Path

import pytest
import requests
from daemons import Daemon, free_port, wait_for

from mfplatform.certificates import authority, local_ca

PROGRAMS = ("pebble", "pebble-challtestsrv")


class Pebble:
    """An authority whose certificates are short, and which asks at ``http_port``."""

    def __init__(self, folder: Path, http_port: int, life_seconds: int) -> None:
        missing = [name for name in PROGRAMS if shutil.which(name) is None]
        if missing:
            pytest.skip(f"{missing[0]} is not installed (Debian package: pebble)")
        self.port, dns_port = free_port(), free_port()
        self.url = f"https://localhost:{self.port}/dir"
        # A name that it gives no certificate for.
        self.blocked = "blocked.example.org"
        # Its own TLS: what asks it has to trust this.
        owner = authority.have(folder / "pebble", "localhost", [])
        self.ca_file = owner.file
        own = folder / "pebble.pem"
        own.write_text(local_ca.issue(owner, ["localhost"]))
        config = {
            "listenAddress": f"127.0.0.1:{self.port}",
            "managementListenAddress": f"127.0.0.1:{free_port()}",
            "certificate": str(own),
            "privateKey": str(own),
            "httpPort": http_port,
            "tlsPort": free_port(),
            "certificateValidityPeriod": life_seconds,
            "domainBlocklist": [self.blocked],
        }
        file = folder / "pebble.json"
        file.write_text(json.dumps({"pebble": config}))
        names = ["pebble-challtestsrv", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""]
        names += ["-dns01", f"127.0.0.1:{dns_port}", "-management", f":{free_port()}"]
        names += ["-http01", "", "-https01", "", "-tlsalpn01", ""]
        self._names = Daemon(names, folder / "names.log")
        command = [
            "pebble",
            "-config",
            str(file),
            "-dnsserver",
            f"127.0.0.1:{dns_port}",
        ]
        # It would wait up to 15 s to be like a real one, and refuse 5 % of all nonces.
        quick = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}
        self._pebble = Daemon(command, folder / "pebble.log", {**os.environ, **quick})

    def start(self) -> None:
        """Start both and wait until it answers."""
        self._names.start()
        self._pebble.start()
        wait_for(self._answers)

    def stop(self) -> None:
        """End both."""
        self._pebble.stop()
        self._names.stop()

    def _answers(self) -> bool:
        try:
            return requests.get(self.url, verify=str(self.ca_file), timeout=60).ok
        except requests.ConnectionError:
            return False
