"""Show a page that a message links to as a card."""

from html import escape

from microflack_messages.link_cards.fetch import Card


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
