"""What mfup was asked for about TLS, checked, and what follows from it.

Needs nothing but Python itself, since it runs before the tools are installed.
"""

import os
from collections.abc import Mapping
from ipaddress import IPv4Address, ip_address

from mfplatform.state.tls import HTTP, HTTPS, MODES, NAME, Settings


def asked(name: str) -> str:
    """Return what the person asked for who called mfup, as an option or a variable."""
    return os.environ.get(f"MF_ASKED_{name}", "")


def settings(found: Mapping[str, str]) -> Settings:
    """Return the settings of this module that are wanted.

    :param found: what is recorded.
    :raises ValueError: what was asked for makes no sense.
    """
    mode = _mode(found)
    names = asked("DOMAIN") or ("" if _has_changed(found, mode) else _known(found))
    wanted = {
        "MF_TLS": mode,
        "MF_DOMAIN": ",".join(_names(mode, names.lower())),
        "MF_CERT": _cert(found) if mode == "file" else "",
        "MF_INSECURE": _insecure(found),
    }
    for name in ("ACME_SERVER", "ACME_CA"):
        wanted[f"MF_{name}"] = asked(name) or found.get(f"MF_{name}", "")
    return wanted


def _known(found: Mapping[str, str]) -> str:
    return "" if asked("CERT") else found.get("MF_DOMAIN", "")


def _has_changed(found: Mapping[str, str], mode: str) -> bool:
    return mode != found.get("MF_TLS", "off")


def _mode(found: Mapping[str, str]) -> str:
    mode, cert, domain = asked("TLS"), asked("CERT"), asked("DOMAIN")
    if mode and mode not in MODES:
        raise ValueError(f"--tls takes one of {', '.join(MODES)}, not '{mode}'")
    if cert and mode in ("own", "acme"):
        raise ValueError(f"MF_CERT or --tls {mode}? Give only one of them")
    if mode == "off" and (cert or domain):
        raise ValueError("--tls off takes neither a domain nor MF_CERT")
    recorded = found.get("MF_TLS", "off")
    return mode or ("file" if cert else "acme" if domain else recorded)


def _cert(found: Mapping[str, str]) -> str:
    cert = asked("CERT") or found.get("MF_CERT", "")
    if not cert:
        raise ValueError(
            "--tls file needs MF_CERT: a PEM file with certificate and key"
        )
    # Before anything is installed for it. One that is recorded may be away for a while.
    if asked("CERT") and not (os.path.isfile(cert) and os.access(cert, os.R_OK)):
        raise ValueError(
            f"MF_CERT: '{cert}' is no file that can be read here. Name a PEM file with "
            "certificate and key"
        )
    return os.path.abspath(cert)


def _names(mode: str, text: str) -> list[str]:
    names = list(dict.fromkeys(name for name in text.split(",") if name))
    for name in names:
        if mode == "own" and _is_address(name):
            continue
        if not NAME.match(name):
            raise ValueError(f"'{name}' is not the name of a domain")
        if mode == "acme" and (_is_address(name) or "." not in name):
            raise ValueError(
                f"a public authority gives no certificate for '{name}': --domain takes "
                "a name that all the Internet knows. For a local one: --tls own"
            )
    if mode == "acme" and not names:
        raise ValueError("--tls acme needs --domain NAME")
    return names


def _is_address(text: str) -> bool:
    try:
        IPv4Address(text)
    except ValueError:
        return False
    return True


def _insecure(found: Mapping[str, str]) -> str:
    answer = asked("INSECURE") or found.get("MF_INSECURE", "no")
    if answer not in ("yes", "no"):
        raise ValueError(f"MF_INSECURE takes yes or no, not '{answer}'")
    return answer


def ports(found: Mapping[str, str], wanted: Mapping[str, str]) -> tuple[str, str]:
    """Return MF_PORT and MF_HTTP_PORT as they are to be without being asked for."""
    if not _has_changed(found, wanted["MF_TLS"]):
        plain = "8080" if wanted["MF_TLS"] == "off" else HTTP
        return found.get("MF_PORT", plain), found.get("MF_HTTP_PORT", "")
    if wanted["MF_TLS"] == "off":
        return ("80" if found.get("MF_HTTP_PORT") == HTTP else "8080"), ""
    before = found.get("MF_HTTP_PORT") or found.get("MF_PORT", "8080")
    # Authorities ask at port 80, and nowhere else.
    plain = HTTP if wanted["MF_TLS"] == "acme" else before
    return (HTTPS if plain == HTTP else "8443"), plain


def address(found: Mapping[str, str], wanted: Mapping[str, str]) -> str:
    """Return MF_BIND as it is to be without being asked for."""
    # A public name on 127.0.0.1 would be of no use, and no authority could ask.
    opened = wanted["MF_TLS"] == "acme" and _has_changed(found, "acme")
    return "0.0.0.0" if opened else found.get("MF_BIND", "127.0.0.1")


def check_open(wanted: Mapping[str, str]) -> None:
    """Refuse to send passwords over a network in clear text without being told to.

    :raises ValueError: names the ways.
    """
    if wanted["MF_TLS"] != "off" or wanted["MF_INSECURE"] == "yes":
        return
    if not ip_address(wanted["MF_BIND"]).is_loopback:
        raise ValueError(
            f"at {wanted['MF_BIND']} without TLS passwords would cross the network in "
            "clear text. Give --domain NAME (a name of the Internet), --tls own (a "
            "local network) or MF_CERT=FILE; or MF_INSECURE=yes if that is meant; or "
            "MF_BIND=127.0.0.1, for this machine only"
        )
