"""By which names the chat may be called.

A web page can have its own name lead to 127.0.0.1 (DNS rebinding). To its browser that
is the page's own server: it could read a chat that is open to whoever reaches it. No
page can do so with an address, or with what ends in .localhost (RFC 6761, 6.3): the
load balancer always answers to those.
"""

from collections.abc import Mapping
from ipaddress import ip_address

HERE = ("127.0.0.1", "localhost", "[::1]")
ANY = "any"


def allowed(settings: Mapping[str, str]) -> str:
    """Return the names, separated by commas; empty where any will do.

    Those of this machine, if only this machine reaches the chat; and always those of
    MF_HOSTS, which come first.
    """
    if asked := settings.get("MF_HOSTS"):
        names = (*asked.split(","), *HERE)
        return "" if asked == ANY else ",".join(dict.fromkeys(names))
    is_behind = (
        settings.get("MF_TRUSTED_PROXIES") or settings.get("MF_TLS", "off") != "off"
    )
    bind = settings.get("MF_BIND", HERE[0])
    if is_behind or not ip_address(bind).is_loopback:
        return ""
    return ",".join(dict.fromkeys((*HERE, bind)))
