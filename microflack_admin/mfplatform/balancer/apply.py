"""Carry out what was decided: in HAProxy, and in its configuration file."""

import logging
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from mfplatform.balancer.config_file import ConfigTemplate, InvalidConfig, check
from mfplatform.balancer.decide import (
    Action,
    AddServer,
    DrainServer,
    EnableServer,
    MarkServerDown,
    RelieveServer,
    Reload,
    RemoveServer,
    ServerKey,
    State,
    UpdateServer,
    decide,
)
from mfplatform.balancer.haproxy import HAProxy
from mfplatform.balancer.haproxy_state import HAProxyState
from mfplatform.balancer.newcomers import Newcomers
from mfplatform.balancer.replaced import ReplacedProcesses
from mfplatform.balancer.routes import Service
from mfplatform.balancer.socket_client import HAProxyError
from mfplatform.state.home import write_private
from mfplatform.state.patience import Deadline, Starvation, moved_on

log = logging.getLogger(__name__)

RELOAD_TIMEOUT_SECONDS = 10.0
RELOAD_POLL_SECONDS = 0.01
# A configuration that was rejected once is tried again after so long.
REJECTED_CONFIG_RETRY_SECONDS = 30.0


class Reconciler:
    """Keep one HAProxy and its file in step with the wanted services."""

    def __init__(self, haproxy: HAProxy, template: ConfigTemplate, file: Path) -> None:
        self._haproxy = haproxy
        self._template = template
        self._file = file
        self._stored_text = file.read_text() if file.exists() else ""
        self._rejected_text = ""
        self._rejected_until = 0.0
        self._draining_since: dict[ServerKey, float] = {}
        self._silent_since: dict[ServerKey, float] = {}
        self._newcomers = Newcomers()
        self._replaced = ReplacedProcesses(haproxy.end_lasting)
        self._starvation = Starvation()

    @property
    def draining(self) -> bool:
        """Say whether servers are being drained."""
        return bool(self._draining_since)

    def reconcile(self, services: Mapping[str, Service]) -> HAProxyState:
        """Do what is needed now and return what HAProxy serves then.

        :raises HAProxyError: HAProxy is away. It will start with the right file.
        """
        try:
            haproxy = self._haproxy.state()
        except HAProxyError:
            self.store(self._template.render(services)[0])
            raise
        now = time.monotonic()
        services = self._newcomers.routed(services, haproxy, now)
        text, config_hash = self._template.render(services)
        rejected = self._is_rejected(text)
        self._note_times(haproxy, now)
        state = State(
            services,
            config_hash,
            haproxy,
            self._draining_since,
            self._silent_since,
            rejected_hash=config_hash if rejected else "",
        )
        actions = decide(state, now)
        if Reload() in actions:
            return self._reload(text, config_hash, haproxy)
        self._apply(actions, now)
        # The file comes second, since an instance is waiting to be served.
        if not rejected:
            self.store(text)
        haproxy = self._haproxy.state() if actions else haproxy
        self._forget_gone(haproxy)
        self._replaced.look(haproxy.old_processes, now)
        return haproxy

    def store(self, text: str) -> bool:
        """Make ``text`` the configuration file; False if HAProxy finds it invalid."""
        if text == self._stored_text and self._file.exists():
            return True
        if self._is_rejected(text):
            return False
        candidate = self._file.with_name(self._file.name + ".candidate")
        try:
            write_private(candidate, text)
            check(candidate)
            candidate.replace(self._file)
        except (InvalidConfig, OSError) as problem:
            log.error("The new file is rejected, the last good one stays: %s", problem)
            self._reject(text)
            return False
        self._stored_text = text
        return True

    def _reject(self, text: str) -> None:
        self._rejected_text = text
        self._rejected_until = time.monotonic() + REJECTED_CONFIG_RETRY_SECONDS

    def _is_rejected(self, text: str) -> bool:
        return text == self._rejected_text and time.monotonic() < self._rejected_until

    def _reload(
        self, text: str, config_hash: str, before: HAProxyState
    ) -> HAProxyState:
        if not self.store(text):
            return before
        started = time.monotonic()
        self._haproxy.reload()
        if not self._wait_until_loaded(config_hash, before):
            log.error("HAProxy did not load the new configuration.")
            self._reject(text)
            return before
        ms = round((time.monotonic() - started) * 1000)
        log.info("HAProxy loaded a new configuration.", extra={"ms": ms})
        haproxy = self._haproxy.state()
        self._forget_gone(haproxy)
        return haproxy

    def _wait_until_loaded(self, config_hash: str, before: HAProxyState) -> bool:
        deadline = Deadline(RELOAD_TIMEOUT_SECONDS)
        while not deadline.is_over():
            try:
                now = self._haproxy.identity()
                if now.config_hash == config_hash and now.pid != before.pid:
                    return True
            except HAProxyError:
                pass
            time.sleep(RELOAD_POLL_SECONDS)
        return False

    def _apply(self, actions: Iterable[Action], now: float) -> None:
        for action in actions:
            try:
                self._apply_one(action, now)
            except HAProxyError as problem:
                # The others are not its business; the next pass tries it again.
                log.error("%s failed: %s", action, problem)

    def _apply_one(self, action: Action, now: float) -> None:
        match action:
            case AddServer(key, address):
                self._haproxy.add(*key, address)
                self._log("added", key)
            case UpdateServer(key, address):
                self._haproxy.update(*key, address)
                self._log("updated", key)
                self._draining_since.pop(key, None)
            case EnableServer(key, is_new):
                self._haproxy.enable(*key, is_new)
                self._log("enabled", key)
                self._draining_since.pop(key, None)
            case DrainServer(key) if key not in self._draining_since:
                self._haproxy.drain(*key)
                self._draining_since[key] = now
                self._log("draining", key)
            case RelieveServer(key):
                self._haproxy.drain(*key)
                self._log("relieved, since it is slow", key)
            case MarkServerDown(key):
                self._haproxy.mark_down(*key)
                self._log("silent, taken for dead", key)
            case RemoveServer(key, force) if self._haproxy.remove(*key, force):
                self._draining_since.pop(key, None)
                self._log("removed", key)

    def _note_times(self, haproxy: HAProxyState, now: float) -> None:
        """Note what is silent, and give all more time that others have taken."""
        lost = self._starvation.lost_seconds()
        self._draining_since = moved_on(self._draining_since, lost, now)
        silent_since = moved_on(self._silent_since, lost, now)
        silent = [
            (service, instance)
            for service, servers in haproxy.services.items()
            for instance, server in servers.items()
            if server.is_silent and server.healthy
        ]
        self._silent_since = {key: silent_since.get(key, now) for key in silent}

    def _forget_gone(self, haproxy: HAProxyState) -> None:
        for service, instance in list(self._draining_since):
            if instance not in haproxy.services.get(service, {}):
                del self._draining_since[service, instance]

    def _log(self, what: str, key: ServerKey) -> None:
        log.info("%s: %s", what, "/".join(key))
