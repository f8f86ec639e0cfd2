"""Fetch the title and the description of a web page that a stranger names.

Only public addresses are asked. Ports, redirects, size and time are limited.
"""

import codecs
import logging
import re
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urljoin, urlsplit

from requests import Request, RequestException, Response, Timeout
from urllib3.exceptions import HTTPError

from microflack_messages.link_cards import opengraph
from microflack_messages.link_cards.public_adapter import Deadline, PublicAdapter

logger = logging.getLogger(__name__)

MAX_CARDS = 3
# For one page, redirects included, however slowly it trickles in, and for all of a
# message.
PAGE_TIMEOUT_SECONDS = 2.0
MESSAGE_TIMEOUT_SECONDS = 3.0
# How many pages are asked at the same time, for all messages.
THREADS = 24
MAX_BYTES = 256 * 1024
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
# Python knows codecs that are no character sets of web pages, and slow ones.
CHARSETS = re.compile(r"(ascii|big5|cp|euc|gb|hz|iso|koi8|shift|utf)[\w-]*")
META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"' ]{0,3}([\w-]{1,40})", re.I)


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
                target = urljoin(target, response.headers.get("Location", ""))
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
    page = _decode(_download_head(response), kind.get_content_charset())
    title, description = opengraph.read_head(page)
    if not title:
        raise NoCard("no title")
    return Card(url, title, description, urlsplit(target).hostname or "")


def _download_head(response: Response) -> bytes:
    data = b""
    while len(data) < MAX_BYTES and b"</head" not in data[-20_000:]:
        chunk = response.raw.read1(16 * 1024, decode_content=True)
        if not chunk:
            break
        data += chunk
    return data[:MAX_BYTES]


def _decode(data: bytes, charset: str | None) -> str:
    if data.startswith(codecs.BOM_UTF8):
        return data.decode("utf-8-sig", "replace")
    if not charset and (found := META_CHARSET.search(data[:2048])):
        charset = found.group(1).decode()
    try:
        codec = codecs.lookup(charset or "utf-8").name
    except LookupError:
        codec = "utf-8"
    # What calls itself Latin 1 on the web is read as Windows' extension of it.
    codec = {"iso8859-1": "cp1252", "ascii": "cp1252"}.get(codec, codec)
    return data.decode(codec if CHARSETS.fullmatch(codec) else "utf-8", "replace")
