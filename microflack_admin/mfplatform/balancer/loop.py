"""Keep HAProxy in step with the registry ("confd" in the talk).

    python -m mfplatform.balancer.loop                 watch the registry
    python -m mfplatform.balancer.loop --once-config   make haproxy.cfg, end

Each pass reads the registry, works out the routes, has ``decide`` compare them with
what HAProxy serves, and carries out the difference: changes of servers through the
runtime API, anything else by a checked reload.
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
from mfplatform.balancer.apply import Actuator
from mfplatform.balancer.config_file import Rendering
from mfplatform.balancer.haproxy import HAProxy
from mfplatform.balancer.publish import Reporter
from mfplatform.balancer.resolver import Resolver
from mfplatform.balancer.routes import ROOT, LeftOut, Routes, parse
from mfplatform.balancer.settings import RendererSettings
from mfplatform.balancer.socket_client import HAProxyError
from microflack_common.config import ConfigError
from microflack_common.logs import configure
from microflack_common.registry import Registry, RegistryError, Tree

log = logging.getLogger(__name__)

# While something is under way (draining, a lookup, HAProxy's start), look again after
# so long.
SOON = 0.05
# Otherwise this often, in case HAProxy was replaced or an instance fell ill.
IDLE = 1.0
# A service writes several keys when it registers: let them arrive together.
SETTLE = 0.01
LONGEST_RETRY = 2.0
# Most names are known at once; the others must not hold up the rest.
LOOKUP = 0.02
LOOKUP_AT_START = 2.0
MOST_LOGGED = 20


class Renderer:
    """The loop around ``decide``, and what it remembers from pass to pass."""

    def __init__(self, settings: RendererSettings) -> None:
        self._settings = settings
        self._registry = Registry(settings.etcd)
        self._resolver = Resolver()
        self._actuator = Actuator(
            HAProxy(settings.socket, settings.master_socket),
            Rendering(settings),
            settings.config_file,
        )
        self._reporter = Reporter(self._registry, settings.name)
        self._memory = registry_cache.load(settings.memory_file)
        self._told: dict[str, str] = {}
        self._left_out: dict[str, str] = {}
        self._retry = 0.0

    def write_config(self) -> bool:
        """Write the configuration for what was last known; False if it is invalid."""
        routes = self._routes(LOOKUP_AT_START)
        text, _ = Rendering(self._settings).render(routes.services)
        return self._actuator.store(text)

    def run(self) -> None:
        """Work until the process is told to end."""
        log.info("routing begins")
        while True:
            tree = self._read()
            self._serve(tree)
            self._wait(tree)

    def _read(self) -> Tree | None:
        """Read the registry; None while it is away."""
        try:
            tree = self._registry.tree(ROOT)
        except RegistryError as problem:
            self._tell("registry", f"The registry is away, routes stay: {problem}")
            self._reporter.forget()
            return None
        self._tell("registry", "")
        before = self._memory.all_values
        self._memory = registry_cache.observe(self._memory, tree, time.time())
        if self._memory.all_values != before:
            self._keep()
        return tree

    def _keep(self) -> None:
        try:
            registry_cache.save(self._memory, self._settings.memory_file)
        except OSError as problem:
            # A full disk must not stop the routing.
            log.error("The state of the registry cannot be stored: %s", problem)

    def _routes(self, patience: float) -> Routes:
        values = self._memory.all_values
        routes = parse(values, self._resolver.lookup)
        if self._resolver.busy:
            self._resolver.wait(patience)
            routes = parse(values, self._resolver.lookup)
        return routes

    def _serve(self, tree: Tree | None) -> None:
        """Have HAProxy serve what is known, and report it."""
        if tree is None and not self._memory.values:
            # Nothing was ever known: what HAProxy serves can only be better.
            return
        routes = self._routes(LOOKUP)
        self._tell_left_out(routes.left_out)
        try:
            running = self._actuator.converge(routes.services)
            self._tell("haproxy", "")
            if tree is not None:
                self._reporter.publish(tree.index, routes, running)
        except HAProxyError as problem:
            self._tell("haproxy", str(problem))
        except RegistryError as problem:
            self._tell("report", f"The routes could not be reported: {problem}")
        else:
            self._tell("report", "")

    def _wait(self, tree: Tree | None) -> None:
        if tree is None:
            self._retry = min(max(self._retry * 2, 0.1), LONGEST_RETRY)
            time.sleep(self._retry)
            return
        self._retry = 0.0
        if self._actuator.busy or self._resolver.busy or self._told.get("haproxy"):
            time.sleep(SOON)
            return
        try:
            if self._registry.watch(ROOT, tree.index, IDLE):
                time.sleep(SETTLE)
        except RegistryError:
            # The next pass finds out what is wrong with it.
            self._reporter.forget()
            time.sleep(SOON)

    def _tell(self, what: str, problem: str) -> None:
        """Log a problem when it begins and when it ends, not at every pass."""
        before = self._told.get(what, "")
        self._told[what] = problem
        if problem and not before:
            log.warning(problem)
        elif before and not problem:
            log.info("%s: all is well again", what)

    def _tell_left_out(self, left_out: Sequence[LeftOut]) -> None:
        current = {entry.key: entry.why for entry in left_out}
        new = current.items() - self._left_out.items()
        for key, why in sorted(new)[:MOST_LOGGED]:
            log.warning("left out: %s: %s", key[:200], why)
        if len(new) > MOST_LOGGED:
            log.warning("%d more keys are left out", len(new) - MOST_LOGGED)
        self._left_out = current


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="mfplatform.balancer.loop")
    parser.add_argument("--once-config", action="store_true")
    arguments = parser.parse_args()
    try:
        settings = RendererSettings.from_environment()
    except ConfigError as problem:
        print(problem, file=sys.stderr)
        return 2
    configure("renderer", "renderer")
    renderer = Renderer(settings)
    if arguments.once_config:
        return 0 if renderer.write_config() else 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _finish)
    renderer.run()
    return 0


def _finish(number: int, frame: FrameType | None) -> NoReturn:
    # At once: whatever is half done, the next start finds and completes.
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
