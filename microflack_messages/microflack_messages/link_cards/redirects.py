"""Read where a redirect leads, as browsers do.

Source: https://url.spec.whatwg.org/ for special schemes; the bytes of a header are
UTF-8 if they can be.
"""

import re
from urllib.parse import quote, urljoin

from microflack_messages import web_address

PRINTABLE_ASCII = "".join(map(chr, range(0x21, 0x7F)))
NEVER_IN_A_URL = re.compile(r"[\t\n\r]")

# A scheme, slashes, and what follows on them.
START = re.compile(r"(?:(https?):)?(/*)", re.IGNORECASE)


def target(base: str, location: str) -> str:
    """Return the URL that a header Location means.

    :param base: the URL that was asked.
    :param location: the header as HTTP libraries give it: each byte as one character.
    """
    data = location.encode("latin-1").strip(b"\t\n\f\r ")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = quote(data, safe=PRINTABLE_ASCII)
    address = re.split("([?#])", NEVER_IN_A_URL.sub("", text), maxsplit=1)
    address[0] = _with_two_slashes(base, address[0].replace("\\", "/"))
    return web_address.normalized(urljoin(base, "".join(address)))


def _with_two_slashes(base: str, address: str) -> str:
    """Write what begins with a host with two slashes; it may have more, or none."""
    found = START.match(address)
    scheme, slashes = (found[1] or "", found[2]) if found else ("", "")
    rest = address[len(scheme) + bool(scheme) + len(slashes) :]
    if scheme and not base.lower().startswith(f"{scheme.lower()}:"):
        return f"{scheme}://{rest}"
    if len(slashes) > 1:
        return f"{scheme + ':' if scheme else ''}//{rest}"
    # The scheme of the page alone says nothing.
    return slashes + rest
