"""Real instances of the service, and one client that goes to any of them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import requests
from waiting import wait_until

from microflack_common.serve import answers_ready
from microflack_common.testing import free_port

FOLDER = Path(__file__).parents[1]


class Instance:
    """An instance, started by boot.sh in a process group of its own."""

    def __init__(self, log, settings):
        self.address = f"127.0.0.1:{free_port()}"
        self.url = f"http://{self.address}/api/tokens"
        self._log = log
        self._settings = settings | {
            "SERVICE_ADDRESS": self.address,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        self._process = None

    def start(self):
        """Start it; it need not be ready yet."""
        with open(self._log, "a") as output:
            self._process = subprocess.Popen(
                ["./boot.sh"], cwd=FOLDER, env=os.environ | self._settings,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        return self

    def wait_until_ready(self):
        """Wait until it is ready."""
        wait_until(lambda: answers_ready(self.address), 60)
        return self

    def kill(self):
        """Kill all its processes at once, whatever they do."""
        if self._process:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def log(self):
        """Return what it has logged."""
        return Path(self._log).read_text()


class Anywhere:
    """A client that tries its request again at the next instance, as browsers do.

    The load balancer tells them 503 when an instance dies under their request.
    """

    def __init__(self, instances):
        self._instances = list(instances)

    def request(self, method, path="", timeout=30, **options):
        """Return the first answer that is none of 502 and 503."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            instance = self._instances.pop(0)
            self._instances.append(instance)
            try:
                answer = requests.request(
                    method, instance.url + path, timeout=10, **options
                )
            except requests.RequestException:
                continue
            if answer.status_code != 503:
                return answer
        raise AssertionError("no instance answers")
