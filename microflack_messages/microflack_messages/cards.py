"""Show the pages that a message links to as cards under it."""

import logging
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from html import escape

from microflack_messages.pages import Card, PageFetcher

logger = logging.getLogger(__name__)

MAX_CARDS = 3
# Seconds for all cards of a message, and how many pages are asked at the same time.
TIMEOUT = 3.0
THREADS = 24


class Expander:
    """Asks several pages at once and waits only so long."""

    def __init__(self, fetcher: PageFetcher) -> None:
        self._fetcher = fetcher
        self._threads = ThreadPoolExecutor(THREADS, "cards")

    def cards(self, links: Iterable[str]) -> list[Card]:
        """Return the cards of the first links, without those that have none."""
        first = list(links)[:MAX_CARDS]
        tasks = [self._threads.submit(self._fetcher.card, url) for url in first]
        done, late = wait(tasks, TIMEOUT)
        for task in late:
            task.cancel()
        return [card for task in tasks if task in done and (card := _result(task))]


def _result(task: Future[Card | None]) -> Card | None:
    # Whatever a page has done to its reader: the message is stored, and is shown.
    if error := task.exception():
        logger.error("A page could not be read", exc_info=error)
        return None
    return task.result()


def to_html(card: Card) -> str:
    """Return a card as HTML; what the page said of itself is escaped."""
    title = (
        f'<a class="link-card-title" href="{escape(card.url)}" '
        f'rel="nofollow noopener noreferrer" target="_blank">{escape(card.title)}</a>'
    )
    text = card.description
    description = f'<p class="link-card-description">{escape(text)}</p>' if text else ""
    site = f'<span class="link-card-site">{escape(card.site)}</span>'
    return f'<div class="link-card">{title}{description}{site}</div>'
