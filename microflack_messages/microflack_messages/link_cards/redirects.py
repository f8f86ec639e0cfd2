"""Read where a redirect leads, as browsers do.

Source: https://url.spec.whatwg.org/ for special schemes; the bytes of a header are
UTF-8 if they can be.
"""

import re
from urllib.parse import quote, urljoin

from microflack_messages import web_address

PRINTABLE_ASCII = "".join(map(chr, range(0x21, 0x7F)))
NEVER_IN_A_URL = re.compile(r"[\t\n\r]")


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
    address[0] = address[0].replace("\\", "/")
    return web_address.normalized(urljoin(base, "".join(address)))
