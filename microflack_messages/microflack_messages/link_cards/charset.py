"""Read a page in its character set, looked for where and as browsers look.

Sources: https://encoding.spec.whatwg.org/ and "Determining the character encoding" in
https://html.spec.whatwg.org/multipage/parsing.html.
"""

import re

import webencodings
from webencodings import UTF8, Encoding

from microflack_messages.link_cards import page

XML_DECLARATION = re.compile(
    rb"<\?xml[^>]{0,200}?encoding[\s]*=[\s]*(?:\"([^\">]+)\"|'([^'>]+)')"
)
UTF_16_XML = {b"<\x00?\x00x\x00": "utf-16le", b"\x00<\x00?\x00x": "utf-16be"}
IN_CONTENT = re.compile(
    r"charset\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s;\"'][^\s;]*))", re.IGNORECASE
)
# Where nothing says it, and it is not UTF-8.
FALLBACK = "windows-1252"
# No other encoding can be declared in ASCII.
NO_ASCII = {"utf-16le", "utf-16be"}


def decode(data: bytes, declared: str) -> str:
    """Return ``data`` as text.

    :param declared: what the header Content-Type says, "" if it says nothing.
    """
    encoding = (
        webencodings.lookup(declared) or _declared_in_page(data) or _guessed(data)
    )
    if encoding.name == "gbk":
        # By the standard both have one decoder.
        encoding = webencodings.lookup("gb18030")
    # A byte order mark goes before everything else.
    text, _ = webencodings.decode(data, encoding)
    return str(text)


def _declared_in_page(data: bytes) -> Encoding | None:
    if name := UTF_16_XML.get(data[:6]):
        return webencodings.lookup(name)
    for meta in page.skim(data.decode("latin-1")).metas:
        label = meta.get("charset")
        if label is None and meta.get("http-equiv", "").lower() == "content-type":
            label = in_content_type(meta.get("content", ""))
        if label and (encoding := webencodings.lookup(label)):
            return _as_in_ascii(encoding)
    if found := XML_DECLARATION.match(data):
        label = (found[1] or found[2]).decode("latin-1")
        if encoding := webencodings.lookup(label):
            return _as_in_ascii(encoding)
    return None


def in_content_type(content: str) -> str:
    """Return what the ``content`` of a meta element says of the encoding, or ""."""
    found = IN_CONTENT.search(content)
    return next(filter(None, found.groups()), "") if found else ""


def _as_in_ascii(encoding: Encoding) -> Encoding:
    """Return what a declaration means that could itself be read as ASCII."""
    if encoding.name in NO_ASCII:
        return UTF8
    if encoding.name == "x-user-defined":
        return webencodings.lookup(FALLBACK) or UTF8
    return encoding


def _guessed(data: bytes) -> Encoding:
    try:
        # What was downloaded may end in the middle of a character.
        UTF8.codec_info.incrementaldecoder("strict").decode(data)
    except UnicodeDecodeError:
        return webencodings.lookup(FALLBACK) or UTF8
    return UTF8
