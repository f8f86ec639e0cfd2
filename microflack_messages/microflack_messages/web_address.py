"""Write web addresses as they are sent, hosts as their ASCII form.

Sources: the URL standard (https://url.spec.whatwg.org/#idna), UTS #46.
"""

import re

import idna
from markdown_it.common.normalize_url import normalizeLink

_AUTHORITY = re.compile(r"((?:https?:)?//(?:[^/?#\\]*@)?)([^/?#\\:@]*)", re.IGNORECASE)
# Most addresses: nothing of them has to be written in another way.
_PLAIN = re.compile(
    r"https?://[a-z0-9.\-]+(?::[0-9]+)?"
    r"(?:[/?#](?:[A-Za-z0-9;/?:@&=+$,\-_.!~*'()#]|%[0-9A-Fa-f]{2})*+)?"
)
# Its host is no address and not encoded, and there is no port: nothing can be wrong.
_SIMPLE = re.compile(
    r"https?://(?:(?!xn--)[a-z0-9\-]+\.)*"
    r"(?!xn--|0x)[a-z0-9\-]*[a-z](?=[/?#]|\Z)"
)


def is_plain(url: str) -> bool:
    """Say whether ``url`` is certainly one that browsers can open."""
    return bool(_SIMPLE.match(url))


def normalized(url: str) -> str:
    """Return ``url`` in ASCII; what cannot be a host's name stays as it is."""
    if _PLAIN.fullmatch(url):
        return url
    found = _AUTHORITY.match(url)
    if found and not found[2].isascii():
        url = found[1] + ascii_host(found[2]) + url[found.end() :]
    return str(normalizeLink(url))


def ascii_host(host: str) -> str:
    """Return the name under which DNS knows ``host``: what browsers ask for."""
    if host.isascii():
        return host
    try:
        labels = idna.uts46_remap(host, std3_rules=False).split(".")
    except idna.IDNAError:
        return host
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode()
        for label in labels
    )
