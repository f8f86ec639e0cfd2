"""What mfup was asked for, and what was recorded when it was asked for before.

``lib/common.bash`` keeps what the caller's environment says apart from what is
recorded, under names with a prefix of their own. Needs nothing but Python itself.
"""

from collections.abc import Iterable, Mapping


def asked_for(name: str, environ: Mapping[str, str]) -> str:
    """Return what a setting is asked to be; "" if nothing was said of it."""
    return environ.get(name.replace("MF_", "MF_ASKED_", 1), "").strip()


def settled(
    names: Iterable[str], recorded: Mapping[str, str], environ: Mapping[str, str]
) -> dict[str, str]:
    """Return of each setting what is asked for, or else recorded, if either is."""
    found = {name: asked_for(name, environ) or recorded.get(name, "") for name in names}
    return {name: value for name, value in found.items() if value}
