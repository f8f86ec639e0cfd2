"""How the platform is reached from outside, with TLS or without.

Needs nothing but Python itself, since it runs before the tools are installed.
"""

import re
import socket
from collections.abc import Mapping
from pathlib import Path

from mfplatform.state.home import Home

Settings = dict[str, str]

# off: plain HTTP; acme: a certificate for names of the Internet, from a public
# authority (RFC 8555); own: one from an authority of the platform's own; file: MF_CERT.
MODES = ("off", "acme", "own", "file")
# A name of the Domain Name System as RFC 1123 has it.
NAME = re.compile(
    r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*"
    r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z"
)
# The ports of HTTP and HTTPS, which a URL leaves out.
HTTP, HTTPS = "80", "443"
# What the part "certificates" has to know.
KEPT_SETTINGS = (
    "MF_TLS",
    "MF_DOMAIN",
    "MF_BIND",
    "MF_CERT",
    "MF_ACME_SERVER",
    "MF_ACME_CA",
)


def url(wanted: Mapping[str, str]) -> str:
    """Return where people find the chat, "" for what has no TLS."""
    if wanted["MF_TLS"] == "off":
        return ""
    names = [one for one in wanted["MF_DOMAIN"].split(",") if one]
    own = wanted["MF_BIND"] if wanted["MF_BIND"] != "0.0.0.0" else _outward_address()
    # Behind a router a public name is reached at the usual port, whatever it is here.
    usual = wanted["MF_TLS"] == "acme" or wanted["MF_PORT"] == HTTPS
    port = "" if usual else f":{wanted['MF_PORT']}"
    return f"https://{names[0] if names else own}{port}"


def _outward_address() -> str:
    """Return this machine's address in the network by which it reaches others."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: this only asks the kernel for a route (RFC 5737 address).
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def own_names(wanted: Mapping[str, str]) -> list[str]:
    """Return the names and addresses that a certificate of one's own is for."""
    host = socket.gethostname().lower().split(".")[0]
    local = [host, f"{host}.local"] if NAME.match(host) else []
    named = [one for one in wanted["MF_DOMAIN"].split(",") if one]
    everywhere = wanted["MF_BIND"] == "0.0.0.0"
    here = _outward_address() if everywhere else wanted["MF_BIND"]
    return list(dict.fromkeys([*named, here, "localhost", *local, "127.0.0.1"]))


def folder(home: Home) -> Path:
    """Return what certificates need: keys, the own authority, what certbot keeps."""
    return home.path / "tls"


def state_file(home: Home) -> Path:
    """Return where the part "certificates" says how it went."""
    return folder(home) / "state.json"


def forget_last_look(home: Home, runs: bool) -> None:
    """Forget how it went when that was told by a process that is gone."""
    if not runs:
        state_file(home).unlink(missing_ok=True)


def is_on(home: Home) -> bool:
    """Tell whether the platform speaks TLS."""
    return home.settings.get("MF_TLS", "off") != "off"


def balancer_settings(home: Home) -> Settings:
    """Return what the load balancer is told; nothing where it was started without."""
    found = home.settings
    names = ("MF_TLS", "MF_HTTP_PORT", "MF_URL")
    own = {name: found[name] for name in names if found.get(name)}
    if port := found.get("ACME_PORT"):
        own["MF_ACME"] = f"{home.host}:{port}"
    return own


def keeper_settings(home: Home) -> Settings:
    """Return what the part "certificates" is told."""
    found = home.settings
    own = {name: found.get(name, "") for name in KEPT_SETTINGS}
    return own | {"MF_ACME": f"{home.host}:{found.get('ACME_PORT', '')}"}
