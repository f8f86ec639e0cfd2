"""Find out what is to be expected of the tokens service that serves here.

From release 6 on it keeps sessions, and writes ``/revocations/complete`` when all that
was ended stands in the registry. Earlier ones write no such key: beside them a missing
one tells nothing.
"""

import threading
import time

from microflack_common.errors import ServiceUnavailable

# What it says of itself, and what only those releases offer.
DOCUMENT = "/api/tokens/openapi.json"
SESSIONS = "/api/tokens/sessions"
# A request waits for the answer. Whoever does not answer is left alone for a moment.
TIMEOUTS_SECONDS = (1.0, 3.0)
RETRY_SECONDS = 1.0
UNKNOWN = "Tokens cannot be checked right now. Try again shortly."


class TokensRelease:
    """The release of the tokens service behind a load balancer.

    :param load_balancer: its URL; without one nothing is expected.
    """

    def __init__(self, load_balancer: str) -> None:
        self._load_balancer = load_balancer
        self._lock = threading.Lock()
        self._answer: bool | None = None if load_balancer else False
        self._retry_at = 0.0

    def writes_complete(self) -> bool:
        """Say whether it writes the key; ask it once.

        Raises ServiceUnavailable as long as it does not say.
        """
        if self._answer is None:
            with self._lock:
                if self._answer is None:
                    self._answer = self._ask()
        return self._answer

    def _ask(self) -> bool:
        # Hardly ever is anybody asked.
        from microflack_common.http import Client

        if time.monotonic() < self._retry_at:
            raise ServiceUnavailable(UNKNOWN)
        self._retry_at = time.monotonic() + RETRY_SECONDS
        answer = Client(self._load_balancer, TIMEOUTS_SECONDS, 0).get(DOCUMENT)
        try:
            if answer.status_code == 200:
                return SESSIONS in answer.json()["paths"]
        except (ValueError, LookupError, TypeError):
            pass
        # Whoever else answers there may stand in its place for a moment only.
        raise ServiceUnavailable(UNKNOWN)
