"""What can be asked for at the edge: limits, trusted proxies, where operators look.

Runs with any Python 3, as part of what mfup does first.
"""

import re
from collections.abc import Mapping
from ipaddress import ip_network

# The settings, and what they are until somebody asks for something else.
DEFAULTS = {
    "MF_LIMITS": "on",
    "MF_OPERATOR": "own",
    "MF_TRUSTED_PROXIES": "",
    "MF_HOSTS": "",
}
# The names by which they are asked for.
ASKED = {
    "MF_LIMITS": "MF_ASKED_LIMITS",
    "MF_OPERATOR": "MF_ASKED_OPERATOR",
    "MF_TRUSTED_PROXIES": "MF_ASKED_TRUSTED_PROXIES",
    "MF_HOSTS": "MF_ASKED_HOSTS",
}
CHOICES = {"MF_LIMITS": ("on", "off"), "MF_OPERATOR": ("own", "shared")}
NOBODY = "none"
NAME = re.compile(r"[a-z0-9_.-]{1,253}|\[[0-9a-f:.]+\]")


def settle(recorded: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Return the settings: what is asked for, or else what is recorded.

    :param environ: has what is asked for.
    :raises ValueError: something cannot be had; the text says what can.
    """
    wanted = {name: recorded.get(name, DEFAULTS[name]) for name in DEFAULTS}
    for name, asked_name in ASKED.items():
        if asked := environ.get(asked_name, "").strip():
            wanted[name] = _checked(name, asked)
    return wanted


def _checked(name: str, asked: str) -> str:
    if name in CHOICES:
        if asked not in CHOICES[name]:
            known = " or ".join(CHOICES[name])
            raise ValueError(f"{name} must be {known}, not '{asked}'")
        return asked
    if asked == NOBODY:
        return ""
    if name == "MF_HOSTS":
        return _names(asked)
    try:
        networks = asked.replace(",", " ").split()
        return ",".join(str(ip_network(one, strict=False)) for one in networks)
    except ValueError:
        raise ValueError(
            f"{name} must be networks such as 10.0.0.0/8, separated by commas, "
            f"or {NOBODY}, not '{asked}'"
        ) from None


def _names(asked: str) -> str:
    names = asked.lower().replace(",", " ").split()
    if not names or not all(map(NAME.fullmatch, names)):
        raise ValueError(
            "MF_HOSTS must be names such as chat.lan, separated by commas, any, or "
            f"{NOBODY} for those of this machine, not '{asked}'"
        )
    return ",".join(names)
