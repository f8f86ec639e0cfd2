"""Look for what an operator should know, and have it told."""

import json
import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from mfplatform.caretaker import news, store
from mfplatform.caretaker.alerts import AlertsUnknown, AlertWatch
from mfplatform.caretaker.hook import Messenger, News
from mfplatform.caretaker.news import Condition
from mfplatform.runtime.base import Runtime
from mfplatform.state import last_backup, metrics, tls
from mfplatform.state.home import Home, write_private
from mfplatform.upgrade.store import UpgradeStore
from microflack_common.registry import Registry, RegistryError

log = logging.getLogger(__name__)

LOOK_SECONDS = 10.0
# A Prometheus that is started anew reads what it has kept.
UNKNOWN_SECONDS = 120.0


def told_file(home: Home) -> Path:
    """Return what keeps what was told, so that nothing is told twice."""
    return home.path / "caretaker" / "told.json"


class Watch:
    """Looks now and then, and remembers what was told.

    :param hook: what is to be told.
    """

    def __init__(
        self, home: Home, runtime: Runtime, registry: Registry, hook: str
    ) -> None:
        self._home = home
        self._runtime = runtime
        self._registry = registry
        self._messenger = Messenger(hook)
        self._looked_at = float("-inf")
        self._alerts = AlertWatch(home) if metrics.is_on(home) else None
        # Since when Prometheus does not tell its alerts, and why.
        self._unknown_since, self._unknown = 0.0, ""

    def look(self) -> None:
        """Look, unless that was a moment ago.

        :raises PlatformError: the runtime does not answer.
        """
        if time.monotonic() - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = time.monotonic()
        now = time.time()
        self._tell_alerts(now)
        told = self._told()
        fresh, known = news.fresh(list(self._conditions(now)), told, now)
        for one in fresh:
            self._send(one.event, one.text, now)
        if known != told:
            write_private(told_file(self._home), json.dumps(known))

    def _send(self, event: str, text: str, now: float) -> None:
        self._messenger.send(News(event, text, f"{self._home.url}/", round(now)))

    def _tell_alerts(self, now: float) -> None:
        """Tell what of Prometheus' alerts has begun or is over."""
        if self._alerts is None:
            return
        try:
            events, self._unknown = self._alerts.look(now), ""
        except AlertsUnknown as error:
            if not self._unknown:
                self._unknown_since = self._looked_at
            self._unknown = str(error)
            return
        for event, text in events:
            self._send(event, text, now)
        self._alerts.remember()

    def _conditions(self, now: float) -> Iterator[Condition]:
        yield from news.crash_loops(self._runtime.states())
        # Without the registry all else is told.
        with suppress(RegistryError):
            yield from news.upgrades(UpgradeStore(self._registry).history(), now)
            yield from news.care(store.entries(self._registry), now)
        disk = shutil.disk_usage(self._home.path)
        yield from news.disk(disk.used, disk.free)
        if self._unknown and self._looked_at - self._unknown_since >= UNKNOWN_SECONDS:
            yield news.alerts_unknown(self._unknown)
        last = last_backup.read(self._home)
        yield from news.backups(self._home.settings, last, now)
        if tls.is_on(self._home):
            # What reads certificates is installed where there are any.
            from mfplatform.certificates import status

            yield from news.certificate(status.status(self._home), now)

    def _told(self) -> dict[str, float]:
        try:
            found = json.loads(told_file(self._home).read_text(encoding="utf-8"))
            return {str(key): float(at) for key, at in found.items()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}
