"""Fetch the title and the description of a web page that a stranger names.

Only public addresses are asked. Ports, redirects, size and time are limited.
"""

import logging
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urlsplit

from requests import Request, RequestException, Response, Timeout
from urllib3.exceptions import HTTPError

from microflack_messages import web_address
from microflack_messages.link_cards import charset, opengraph, page, redirects
from microflack_messages.link_cards.public_adapter import Deadline, PublicAdapter

logger = logging.getLogger(__name__)

MAX_CARDS = 3
# For one page, redirects included, however slowly it trickles in, and for all of a
# message.
PAGE_TIMEOUT_SECONDS = 2.0
MESSAGE_TIMEOUT_SECONDS = 3.0
# How many pages are asked at the same time, for all messages.
THREADS = 24
MAX_BYTES = 1024 * 1024
CHUNK_BYTES = 16 * 1024
MAX_REDIRECTS = 3
WEB_PORTS = {80, 443}
# A site that was too slow is not asked for a while, so that many links to it keep
# nobody's cards waiting.
SLOW_SITE_PAUSE_SECONDS = 60.0
MAX_SLOW_SITES = 1000
REDIRECT_STATUSES = {301, 302, 303, 307, 308}
PAGE_TYPES = {"text/html", "application/xhtml+xml"}
HEADERS = {
    "User-Agent": "MicroFlack/1 (link cards)",
    "Accept": "text/html, application/xhtml+xml",
    "Accept-Encoding": "identity",
}


class NoCard(Exception):
    """Raised for a page that must not be fetched, or that has no title."""


@dataclass(frozen=True)
class Card:
    """What is shown of a page: plain text, yet to be escaped."""

    url: str
    title: str
    description: str
    site: str


class CardFetcher:
    """Makes cards of the pages that links lead to.

    :param local: also ask this machine, on any port; for tests only.
    """

    def __init__(
        self, local: bool = False, timeout_seconds: float = PAGE_TIMEOUT_SECONDS
    ) -> None:
        self._local = local
        self._timeout = timeout_seconds
        self._threads = ThreadPoolExecutor(THREADS, "cards")
        # Sites that were too slow, and until when each is not asked.
        self._slow: dict[str, float] = {}

    def fetch_cards(self, links: Iterable[str]) -> list[Card]:
        """Return the cards of the first links, without those that have none."""
        first = list(links)[:MAX_CARDS]
        tasks = [self._threads.submit(self.fetch_card, url) for url in first]
        done, late = wait(tasks, MESSAGE_TIMEOUT_SECONDS)
        for task in late:
            task.cancel()
        return [card for task in tasks if task in done and (card := _result(task))]

    def fetch_card(self, url: str) -> Card | None:
        """Return the card of the page at ``url``, or None if it has none."""
        deadline = Deadline(self._timeout)
        try:
            with deadline.running():
                return self._fetch(url, deadline)
        except (NoCard, RequestException, HTTPError, OSError, ValueError) as error:
            logger.info("No link card: %s", type(error).__name__)
            if deadline.is_over or isinstance(error, Timeout):
                self._leave_alone(urlsplit(url).netloc)
            return None

    def _leave_alone(self, site: str) -> None:
        if len(self._slow) >= MAX_SLOW_SITES:
            self._slow.clear()
        self._slow[site] = time.monotonic() + SLOW_SITE_PAUSE_SECONDS

    def _fetch(self, url: str, deadline: Deadline) -> Card:
        target = url
        for _ in range(1 + MAX_REDIRECTS):
            with self._get(target, deadline) as response:
                if response.status_code not in REDIRECT_STATUSES:
                    return _card_of(url, target, response)
                location = response.headers.get("Location", "")
                target = redirects.target(target, location)
        raise NoCard("too many redirects")

    @contextmanager
    def _get(self, url: str, deadline: Deadline) -> Iterator[Response]:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or "@" in parts.netloc:
            raise NoCard("no plain web address")
        if not self._local and parts.port not in WEB_PORTS | {None}:
            raise NoCard("a port that is not the web's")
        if time.monotonic() < self._slow.get(parts.netloc, 0):
            raise NoCard("a site that was too slow just now")
        adapter = PublicAdapter(parts.scheme == "https", self._local, deadline)
        request = Request("GET", url, headers=HEADERS).prepare()
        try:
            # The adapter alone: a session would read the whole body of a redirect.
            response = adapter.send(request, stream=True, timeout=self._timeout)
            with response:
                yield response
        finally:
            adapter.close()


def _result(task: Future[Card | None]) -> Card | None:
    # Whatever a page has done to its reader: the message is stored, and is shown.
    if error := task.exception():
        logger.error("A page could not be read", exc_info=error)
        return None
    return task.result()


def _card_of(url: str, target: str, response: Response) -> Card:
    kind = Message()
    kind["Content-Type"] = response.headers.get("Content-Type", "")
    if response.status_code != 200 or kind.get_content_type() not in PAGE_TYPES:
        raise NoCard("no page")
    title, description = opengraph.read(_download(response, _charset(kind)))
    if not title:
        raise NoCard("no title")
    host = web_address.ascii_host(urlsplit(target).hostname or "")
    return Card(url, title, description, host)


def _charset(kind: Message) -> str:
    charsets = kind.get_param("charset", "")
    return charsets if isinstance(charsets, str) else ""


def _download(response: Response, declared: str) -> page.Skimmed:
    """Return what a page says of itself; ends when no more of it is needed."""
    data, looked_at = b"", 0
    skimmed = page.Skimmed()
    for chunk in _chunks(response):
        data += chunk
        # A page that comes in small pieces is not looked at for each of them.
        if len(data) >= 2 * looked_at:
            looked_at = len(data)
            skimmed = page.skim(charset.decode(data[:MAX_BYTES], declared))
            if opengraph.is_enough(skimmed):
                return skimmed
    if len(data) > looked_at:
        skimmed = page.skim(charset.decode(data[:MAX_BYTES], declared))
    return skimmed


def _chunks(response: Response) -> Iterator[bytes]:
    """Yield the first megabyte, or what comes of it before the time is over.

    Raises HTTPError and OSError if nothing comes.
    """
    size = 0
    while size < MAX_BYTES:
        try:
            chunk = response.raw.read1(CHUNK_BYTES, decode_content=True)
        except (HTTPError, OSError):
            if not size:
                raise
            break
        if not chunk:
            break
        size += len(chunk)
        yield chunk
