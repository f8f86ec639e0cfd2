"""Load balancers that the tests of a worker share: emptied for each of them."""

import shutil
import tempfile
from pathlib import Path
from subprocess import Popen

import requests
from balancer import Balancer
from daemons import wait_for

# One that takes longer to become empty is started anew: a test has left a connection.
EMPTY_TIMEOUT_SECONDS = 15.0
# No name of a service, so it is left out, and the report says so.
MARK = "-emptied"


class Shared:
    """A load balancer, and what tells whether a test has changed more than keys."""

    def __init__(self, **settings: str) -> None:
        # Not pytest's folder: the path of a unix socket must be short.
        self.balancer = Balancer(Path(tempfile.mkdtemp(prefix="mf test ")))
        self.balancer.environment |= settings
        self._environment = dict(self.balancer.environment)
        self._processes: list[Popen[bytes] | None] = []

    def start(self) -> None:
        """Start everything."""
        self.balancer.start()
        self._processes = self._running()

    def stop(self) -> None:
        """End everything."""
        self.balancer.stop()
        shutil.rmtree(self.balancer.folder, ignore_errors=True)

    def is_empty_again(self) -> bool:
        """Have it as it was when it had started; False if that cannot be."""
        self.balancer.environment.clear()
        self.balancer.environment |= self._environment
        if self._running() != self._processes or self._has_died():
            return False
        try:
            self._remove_keys()
            wait_for(self._forget_clients, EMPTY_TIMEOUT_SECONDS)
        except (AssertionError, OSError):
            return False
        for daemon in self.balancer.daemons:
            daemon.forget_log()
        return True

    def _running(self) -> list[Popen[bytes] | None]:
        return [daemon.process for daemon in self.balancer.daemons]

    def _has_died(self) -> bool:
        return any(p is None or p.poll() is not None for p in self._processes)

    def _remove_keys(self) -> None:
        """Remove all keys, and wait until HAProxy serves nothing and never did."""
        url = f"{self.balancer.etcd_url}/v2/keys/services"
        # Once it is reported, all that a test has done is served or gone.
        self._expect_left_out(mark=True)
        for node in requests.get(url, timeout=30).json()["node"].get("nodes", []):
            if not node["key"].endswith(f"/{MARK}"):
                self.balancer.delete(node["key"].removeprefix("/services/"))
        self._expect_left_out(mark=False)

    def _expect_left_out(self, mark: bool) -> None:
        key = f"{MARK}/location"

        def is_reported() -> bool:
            report = self.balancer.report() or {"left_out": []}
            told = [one["key"] for one in report["left_out"]]
            if mark:
                return f"/services/{key}" in told
            return not (told or report["services"] or report["old_processes"])

        if mark:
            self.balancer.put(key, "/")
        else:
            self.balancer.delete(MARK)
        wait_for(is_reported, EMPTY_TIMEOUT_SECONDS)

    def _forget_clients(self) -> bool:
        """Have HAProxy forget what it counted; False while clients are connected."""
        tables = self.balancer.ask_haproxy("show table").splitlines()
        used = [line for line in tables if line and not line.endswith("used:0")]
        for line in used:
            name = line.removeprefix("# table: ").partition(",")[0]
            self.balancer.ask_haproxy(f"clear table {name}")
        return not used


class SharedBalancers:
    """The load balancers of a worker: one for each choice of settings."""

    def __init__(self) -> None:
        self._made: dict[tuple[tuple[str, str], ...], Shared] = {}

    def take(self, **settings: str) -> Balancer:
        """Return one that runs with these settings, and serves nothing yet."""
        key = tuple(sorted(settings.items()))
        shared = self._made.get(key)
        if shared and shared.is_empty_again():
            return shared.balancer
        if shared:
            self._made.pop(key).stop()
        shared = self._made[key] = Shared(**settings)
        shared.start()
        return shared.balancer

    def stop(self) -> None:
        """End all of them."""
        for shared in self._made.values():
            shared.stop()
