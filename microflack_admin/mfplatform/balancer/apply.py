"""Carry out what was decided: in HAProxy, and in its configuration file."""

import logging
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from mfplatform.balancer.config_file import InvalidConfig, Rendering, check
from mfplatform.balancer.decide import (
    Action,
    Add,
    Change,
    Drain,
    Key,
    Ready,
    Reload,
    Remove,
    State,
    decide,
)
from mfplatform.balancer.haproxy import HAProxy, Running
from mfplatform.balancer.routes import Service
from mfplatform.balancer.socket_client import HAProxyError
from mfplatform.state.home import write_private

log = logging.getLogger(__name__)

RELOAD_LIMIT = 10.0
# A configuration that was refused once is tried again after so long.
REFUSED_FOR = 30.0


class Actuator:
    """Keep one HAProxy and its file in step with the wanted routes."""

    def __init__(self, haproxy: HAProxy, rendering: Rendering, file: Path) -> None:
        self._haproxy = haproxy
        self._rendering = rendering
        self._file = file
        self._stored = file.read_text() if file.exists() else ""
        self._refused = ("", 0.0)
        self._draining: dict[Key, float] = {}

    @property
    def busy(self) -> bool:
        """Say whether instances are being drained."""
        return bool(self._draining)

    def converge(self, services: Mapping[str, Service]) -> Running:
        """Do what is needed now and return what HAProxy serves then.

        HAProxyError: HAProxy is away. It will start with the right file.
        """
        text, shape = self._rendering.render(services)
        try:
            running = self._haproxy.running()
        except HAProxyError:
            self.store(text)
            raise
        refused = shape if self._is_refused(text) else ""
        state = State(services, shape, running, self._draining, refused)
        now = time.monotonic()
        actions = decide(state, now)
        if Reload() in actions:
            return self._reload(text, shape, running)
        self._apply(actions, now)
        # The file comes second, since an instance is waiting to be served.
        if shape != refused:
            self.store(text)
        running = self._haproxy.running() if actions else running
        self._forget_gone(running)
        return running

    def store(self, text: str) -> bool:
        """Make ``text`` the configuration file, if HAProxy finds it valid."""
        if text == self._stored and self._file.exists():
            return True
        if self._is_refused(text):
            return False
        candidate = self._file.with_name(self._file.name + ".candidate")
        try:
            write_private(candidate, text)
            check(candidate)
            candidate.replace(self._file)
        except (InvalidConfig, OSError) as problem:
            log.error("The new file is refused, the last good one stays: %s", problem)
            self._refuse(text)
            return False
        self._stored = text
        return True

    def _refuse(self, text: str) -> None:
        self._refused = (text, time.monotonic() + REFUSED_FOR)

    def _is_refused(self, text: str) -> bool:
        return text == self._refused[0] and time.monotonic() < self._refused[1]

    def _reload(self, text: str, shape: str, running: Running) -> Running:
        if not self.store(text):
            return running
        started = time.monotonic()
        self._haproxy.reload()
        if not self._wait_for(shape, running):
            log.error("HAProxy did not load the new configuration.")
            self._refuse(text)
            return running
        ms = round((time.monotonic() - started) * 1000)
        log.info("HAProxy loaded a new configuration.", extra={"ms": ms})
        running = self._haproxy.running()
        self._forget_gone(running)
        return running

    def _wait_for(self, shape: str, before: Running) -> bool:
        deadline = time.monotonic() + RELOAD_LIMIT
        while time.monotonic() < deadline:
            try:
                now = self._haproxy.identity()
                if now.shape == shape and now.pid != before.pid:
                    return True
            except HAProxyError:
                pass
            time.sleep(0.01)
        return False

    def _apply(self, actions: Iterable[Action], now: float) -> None:
        for action in actions:
            try:
                self._do(action, now)
            except HAProxyError as problem:
                # The others are not its business; the next pass tries it again.
                log.error("%s failed: %s", action, problem)

    def _do(self, action: Action, now: float) -> None:
        match action:
            case Add(key, upstream):
                self._haproxy.add(*key, upstream)
                self._log("added", key)
            case Change(key, upstream):
                self._haproxy.change(*key, upstream)
                self._log("changed", key)
                self._draining.pop(key, None)
            case Ready(key):
                self._haproxy.ready(*key)
                self._log("ready again", key)
                self._draining.pop(key, None)
            case Drain(key) if key not in self._draining:
                self._haproxy.drain(*key)
                self._draining[key] = now
                self._log("draining", key)
            case Remove(key, cut) if self._haproxy.remove(*key, cut):
                self._draining.pop(key, None)
                self._log("removed", key)

    def _forget_gone(self, running: Running) -> None:
        for service, instance in list(self._draining):
            if instance not in running.services.get(service, {}):
                del self._draining[service, instance]

    def _log(self, what: str, key: Key) -> None:
        log.info("%s: %s", what, "/".join(key))
