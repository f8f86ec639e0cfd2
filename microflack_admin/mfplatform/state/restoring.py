"""Whether a restore has begun and not ended: then what is there is not all."""

from pathlib import Path

from mfplatform.state.home import Home


def mark(home: Home) -> Path:
    """Return the file that is there while a restore is begun and not at its end."""
    return home.path / "restoring"


def is_begun(home: Home) -> bool:
    """Say whether a restore was begun, and what is there is not all."""
    return mark(home).exists()


def way_out(home: Home) -> str | None:
    """Return what to tell a person who needs what is not all; None if it is."""
    if not is_begun(home):
        return None
    return (
        f"a restore into {home.path} has not come to its end. Begin it again: "
        "mfrestore FILE"
    )
