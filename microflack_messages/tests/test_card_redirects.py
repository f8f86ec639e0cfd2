"""Redirects lead where browsers go."""

# Characters that look alike are part of this.
# ruff: noqa: RUF001

import pytest

from microflack_messages.link_cards.redirects import target

BASE = "http://example.com/a/b?c#d"


def header(text):
    """Return what HTTP libraries make of a header that was sent as UTF-8."""
    return text.encode().decode("latin-1")


@pytest.mark.parametrize(
    ("location", "url"),
    [
        (header("/путь"), "http://example.com/%D0%BF%D1%83%D1%82%D1%8C"),
        (header("e?q=é#ü"), "http://example.com/a/e?q=%C3%A9#%C3%BC"),
        ("/caf\xe9", "http://example.com/caf%E9"),
        ("/caf%C3%A9", "http://example.com/caf%C3%A9"),
        (header("http://bücher.example/"), "http://xn--bcher-kva.example/"),
        (header("//例え.テスト/あ"), "http://xn--r8jz45g.xn--zckzah/%E3%81%82"),
        (header("https://аррӏе.com/"), "https://xn--80ak6aa92e.com/"),
        ("\\e\\f?g=\\", "http://example.com/e/f?g=%5C"),
        ("\\\\other.example\\e", "http://other.example/e"),
        ("http:///other.example/e", "http://other.example/e"),
        ("///other.example/e", "http://other.example/e"),
        ("https:other.example/e", "https://other.example/e"),
        ("https:/\\/other.example", "https://other.example"),
        ("http:/e", "http://example.com/e"),
        ("HTTP:e", "http://example.com/a/e"),
        (" /a b\t", "http://example.com/a%20b"),
        ("/a\tb\n", "http://example.com/ab"),
        ("?e", "http://example.com/a/b?e"),
        ("", BASE),
    ],
)
def test_a_location_is_read_as_browsers_do(location, url):
    assert target(BASE, location) == url
