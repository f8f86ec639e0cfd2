"""The processes of HAProxy that were replaced, and end when their connections have.

Requests take the time that they take. What has no end by itself, such as WebSockets, is
ended after a while: its clients connect again, to the process that serves now.
"""

import logging
from collections.abc import Callable, Sequence

from mfplatform.balancer.socket_client import HAProxyError

log = logging.getLogger(__name__)

# As long as idle connections are kept (``timeout http-keep-alive``).
LASTING_SECONDS = 20.0


class ReplacedProcesses:
    """Has each of them end what would last, after a while and now and then.

    :param end_lasting: does that in one process.
    """

    def __init__(self, end_lasting: Callable[[str], None]) -> None:
        self._end_lasting = end_lasting
        self._since: dict[str, float] = {}

    def look(self, processes: Sequence[str], now: float) -> None:
        """Look at those that there are.

        :param now: monotonic, in seconds.
        """
        self._since = {one: self._since.get(one, now) for one in processes}
        for process, since in self._since.items():
            if now - since >= LASTING_SECONDS:
                self._since[process] = now
                self._end(process)

    def _end(self, process: str) -> None:
        try:
            self._end_lasting(process)
        except HAProxyError as problem:
            # It may just have ended, and who hangs must not hold up the others.
            log.warning("A replaced process cannot be asked: %s", problem)
