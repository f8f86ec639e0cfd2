"""Keep HAProxy in step with the registry ("confd" in the talk).

    python -m mfplatform.balancer.loop                 watch the registry
    python -m mfplatform.balancer.loop --once-config   make haproxy.cfg, end

Each pass reads the registry, parses it into a routing table, has ``decide`` compare
that with what HAProxy serves, and carries out the difference: changes of servers
through the runtime API, anything else by a checked reload.
"""

import argparse
import logging
import signal
import sys
import time
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from mfplatform.balancer import registry_cache
from mfplatform.balancer.apply import Reconciler
from mfplatform.balancer.config_file import ConfigTemplate
from mfplatform.balancer.haproxy import HAProxy
from mfplatform.balancer.publish import StatePublisher
from mfplatform.balancer.resolver import Resolver
from mfplatform.balancer.routes import ROOT, RejectedKey, RoutingTable, parse_routes
from mfplatform.balancer.settings import BalancerSettings
from mfplatform.balancer.socket_client import HAProxyError
from microflack_common.config import ConfigError
from microflack_common.log_lines import LineFormatter, configure
from microflack_common.registry import Registry, RegistryError, Tree

log = logging.getLogger(__name__)

# While something is under way (draining, a lookup, HAProxy's start), look again after
# so long.
BUSY_POLL_SECONDS = 0.05
# Otherwise this often, in case HAProxy was replaced or an instance became unhealthy.
IDLE_POLL_SECONDS = 1.0
# A service writes several keys when it registers: let them arrive together.
REGISTRATION_SECONDS = 0.01
MIN_RETRY_SECONDS = 0.1
MAX_RETRY_SECONDS = 2.0
# Most names are known at once; the others must not hold up the rest.
LOOKUP_TIMEOUT_SECONDS = 0.02
FIRST_LOOKUP_TIMEOUT_SECONDS = 2.0
MAX_LOGGED_KEYS = 20
MAX_LOGGED_KEY_CHARACTERS = 200


class BalancerLoop:
    """The loop around ``decide``, and what it remembers from pass to pass."""

    def __init__(self, settings: BalancerSettings) -> None:
        self._settings = settings
        self._registry = Registry(settings.etcd)
        self._resolver = Resolver()
        self._template = ConfigTemplate(settings)
        haproxy = HAProxy(settings.socket, settings.master_socket)
        self._reconciler = Reconciler(haproxy, self._template, settings.config_file)
        self._publisher = StatePublisher(self._registry, settings.name)
        self._cache = registry_cache.load(settings.registry_cache_file)
        self._problems: dict[str, str] = {}
        self._rejected_keys: dict[str, str] = {}
        self._retry_seconds = 0.0

    def write_config(self) -> bool:
        """Write the configuration for what was last known; False if it is invalid."""
        table = self._routing_table(FIRST_LOOKUP_TIMEOUT_SECONDS)
        text, _ = self._template.render(table.services)
        return self._reconciler.store(text)

    def run(self) -> None:
        """Work until the process is told to end."""
        log.info("routing begins")
        while True:
            tree = self._read_registry()
            self._reconcile(tree)
            self._wait(tree)

    def _read_registry(self) -> Tree | None:
        """Read the registry; None while it is away."""
        try:
            tree = self._registry.tree(ROOT)
        except RegistryError as problem:
            self._set_problem(
                "registry", f"The registry is away, routes stay: {problem}"
            )
            self._publisher.invalidate()
            return None
        self._set_problem("registry", "")
        before = self._cache.all_values
        self._cache = registry_cache.update(self._cache, tree, time.time())
        if self._cache.all_values != before:
            self._save_cache()
        return tree

    def _save_cache(self) -> None:
        try:
            registry_cache.save(self._cache, self._settings.registry_cache_file)
        except OSError as problem:
            # A full disk must not stop the routing.
            log.error("The state of the registry cannot be stored: %s", problem)

    def _routing_table(self, lookup_timeout: float) -> RoutingTable:
        values = self._cache.all_values
        table = parse_routes(values, self._resolver.lookup)
        if self._resolver.busy:
            self._resolver.wait(lookup_timeout)
            table = parse_routes(values, self._resolver.lookup)
        return table

    def _reconcile(self, tree: Tree | None) -> None:
        """Have HAProxy serve what is known, and publish it."""
        if tree is None and not self._cache.values:
            # Nothing was ever known: what HAProxy serves can only be better.
            return
        table = self._routing_table(LOOKUP_TIMEOUT_SECONDS)
        self._log_rejected(table.rejected_keys)
        try:
            haproxy = self._reconciler.reconcile(table.services)
            self._set_problem("haproxy", "")
            if tree is not None:
                self._publisher.publish(tree.index, table, haproxy)
        except HAProxyError as problem:
            self._set_problem("haproxy", str(problem))
        except RegistryError as problem:
            self._set_problem("publishing", f"Nothing could be published: {problem}")
        else:
            self._set_problem("publishing", "")

    def _wait(self, tree: Tree | None) -> None:
        """Wait until it is worth looking again."""
        if tree is None:
            doubled = max(self._retry_seconds * 2, MIN_RETRY_SECONDS)
            self._retry_seconds = min(doubled, MAX_RETRY_SECONDS)
            time.sleep(self._retry_seconds)
            return
        self._retry_seconds = 0.0
        busy = self._reconciler.draining or self._resolver.busy
        if busy or self._problems.get("haproxy"):
            time.sleep(BUSY_POLL_SECONDS)
            return
        try:
            if self._registry.watch(ROOT, tree.index, IDLE_POLL_SECONDS):
                time.sleep(REGISTRATION_SECONDS)
        except RegistryError:
            # The next pass finds out what is wrong with it.
            self._publisher.invalidate()
            time.sleep(BUSY_POLL_SECONDS)

    def _set_problem(self, subject: str, problem: str) -> None:
        """Log a problem when it begins and when it ends, not at every pass."""
        before = self._problems.get(subject, "")
        self._problems[subject] = problem
        if problem and not before:
            log.warning(problem)
        elif before and not problem:
            log.info("%s: all is well again", subject)

    def _log_rejected(self, rejected_keys: Sequence[RejectedKey]) -> None:
        """Log the keys that were not rejected at the last pass."""
        current = {rejected.key: rejected.reason for rejected in rejected_keys}
        new = current.items() - self._rejected_keys.items()
        for key, reason in sorted(new)[:MAX_LOGGED_KEYS]:
            log.warning("rejected: %s: %s", key[:MAX_LOGGED_KEY_CHARACTERS], reason)
        if len(new) > MAX_LOGGED_KEYS:
            log.warning("%d more keys are rejected", len(new) - MAX_LOGGED_KEYS)
        self._rejected_keys = current


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="mfplatform.balancer.loop")
    parser.add_argument("--once-config", action="store_true")
    arguments = parser.parse_args()
    try:
        settings = BalancerSettings.from_environment()
    except ConfigError as problem:
        print(problem, file=sys.stderr)
        return 2
    # The name of this part in mfstatus and mflogs.
    configure(LineFormatter("renderer", "renderer"))
    loop = BalancerLoop(settings)
    if arguments.once_config:
        return 0 if loop.write_config() else 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _finish)
    loop.run()
    return 0


def _finish(number: int, frame: FrameType | None) -> NoReturn:
    # At once: whatever is half done, the next start finds and completes.
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
