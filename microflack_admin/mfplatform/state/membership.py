"""Who may read and register: everybody, or members only.

The setting MF_ACCESS says it: ``open`` or ``members``. Where it was not said, what is
bound to this machine alone is open, and what a network reaches is for members.
Instances are told by their variable ACCESS. Releases that do not know it would let
everybody read: while members only may, they are not started.
"""

from collections.abc import Mapping
from ipaddress import IPv4Address

from mfplatform.state.home import PlatformError

SETTING = "MF_ACCESS"
OPEN, MEMBERS = "open", "members"
# What a service's service.env says of a release that knows ACCESS.
KNOWN = "KNOWS_ACCESS"


def asked(text: str) -> str:
    """Return what was asked for, checked; raises ValueError."""
    if text not in (OPEN, MEMBERS):
        raise ValueError(f"{SETTING} must be {OPEN} or {MEMBERS}, not '{text}'")
    return text


def access(settings: Mapping[str, str]) -> str:
    """Return who may read and register on a platform with these settings."""
    return settings.get(SETTING) or (MEMBERS if is_in_network(settings) else OPEN)


def is_in_network(settings: Mapping[str, str]) -> bool:
    """Say whether other machines reach the load balancer."""
    return not IPv4Address(settings.get("MF_BIND", "127.0.0.1")).is_loopback


def check(
    settings: Mapping[str, str], service: str, version: str, knows_access: bool
) -> None:
    """Raise PlatformError for a release that would let others than members read."""
    if access(settings) == MEMBERS and not knows_access:
        raise PlatformError(
            f"{service} {version} does not know {SETTING}={MEMBERS}: it would let "
            f"everybody read. Have it open to all: {SETTING}={OPEN} mfup; or take a "
            f"release whose service.env says {KNOWN}=yes, and close it afterwards"
        )
