"""Send what only one browser can read to its push service (RFC 8030, RFC 8291).

The service is a stranger's choice: only public addresses are connected to, not for
long, and nothing of the answer counts but its status.
"""

import logging
from enum import Enum
from typing import NamedTuple
from urllib.parse import urlsplit

from requests import Request, RequestException, Response
from requests_hardened.ip_filter import InvalidIPAddress
from urllib3.exceptions import HTTPError

from microflack_messages.link_cards.public_adapter import Deadline, PublicAdapter
from microflack_messages.web_push import encryption
from microflack_messages.web_push.keys import ServerKey, decoded

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 5.0
# How long a push service keeps it for a browser that is not there (RFC 8030, 5.2).
KEPT_SECONDS = 24 * 3600
# Nobody sees from its length how long a text is. Less than the 4096 bytes that all
# push services take (RFC 8030, 7.2).
PADDED_BYTES = 2048
GONE_STATUSES = {404, 410}
# It was made for another key of the platform, as after that was replaced (RFC 8292,
# 4.2). The page makes another one when it opens.
NOT_OURS_STATUSES = {401, 403}
BUSY_STATUSES = {408, 429}


class Outcome(Enum):
    """What has become of an attempt."""

    SENT = "sent"
    # There is no such subscription any more, or there never was.
    GONE = "gone"
    # It may be tried again.
    LATER = "later"
    REFUSED = "refused"


class Answer(NamedTuple):
    """What a push service said."""

    outcome: Outcome
    # What it asks to wait; 0 if it does not.
    retry_after_seconds: int = 0


class Target(NamedTuple):
    """Where something is sent to, and what it is encrypted with."""

    endpoint: str
    p256dh: str
    auth: str
    # The host of the page.
    site: str


class Delivery:
    """Sends in the name of a platform. It can be shared by threads.

    :param local: also to this machine, in clear text; for tests only.
    """

    def __init__(self, key: ServerKey, local: bool = False) -> None:
        self._key = key
        self._local = local

    def send(self, target: Target, text: bytes, topic: str) -> Answer:
        """Send a text of at most ``PADDED_BYTES`` to one browser.

        :param topic: what is under way under the same one, this takes the place of.
        """
        headers = {
            "Authorization": self._key.authorization(target.endpoint, target.site),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(KEPT_SECONDS),
            "Urgency": "high",
            "Topic": topic,
        }
        host = urlsplit(target.endpoint).hostname
        deadline = Deadline(TIMEOUT_SECONDS)
        try:
            with deadline.running():
                return self._post(target, headers, _encrypt(target, text), deadline)
        except InvalidIPAddress:
            logger.warning("%s is no public address: a subscription ends", host)
            return Answer(Outcome.GONE)
        except (RequestException, HTTPError, OSError, ValueError) as error:
            logger.info("The push service %s: %s", host, type(error).__name__)
            return Answer(Outcome.LATER)

    def _post(
        self, target: Target, headers: dict[str, str], body: bytes, deadline: Deadline
    ) -> Answer:
        https = urlsplit(target.endpoint).scheme == "https"
        adapter = PublicAdapter(https, self._local, deadline)
        request = Request("POST", target.endpoint, headers=headers, data=body)
        try:
            # The adapter alone follows no redirect, and reads nothing of the answer.
            sent = adapter.send(request.prepare(), stream=True, timeout=TIMEOUT_SECONDS)
            with sent:
                return _answer_of(sent)
        finally:
            adapter.close()


def _encrypt(target: Target, text: bytes) -> bytes:
    # JSON may end with white space.
    padded = text.ljust(PADDED_BYTES)
    return encryption.encrypt(padded, decoded(target.p256dh), decoded(target.auth))


def _answer_of(response: Response) -> Answer:
    status = response.status_code
    if status < 300:
        return Answer(Outcome.SENT)
    if status in GONE_STATUSES:
        return Answer(Outcome.GONE)
    if status >= 500 or status in BUSY_STATUSES:
        pause = response.headers.get("Retry-After", "")
        is_number = pause.isascii() and pause.isdigit() and len(pause) < 10
        return Answer(Outcome.LATER, int(pause) if is_number else 0)
    host = urlsplit(response.url).hostname
    logger.warning("The push service %s answers %d", host, status)
    return Answer(Outcome.GONE if status in NOT_OURS_STATUSES else Outcome.REFUSED)
