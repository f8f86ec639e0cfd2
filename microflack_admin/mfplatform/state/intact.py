"""Find settings and secrets that a crash or a copy has torn, before they are used.

They are written whole or not at all; but a disk that lost power, a copy that stopped,
or an editor may leave half of them, or nothing. With half of its settings a platform
would be another one: open to others, at other ports, beside what still runs.

Needs nothing but Python itself.
"""

from pathlib import Path

from mfplatform.state.home import Home

SETTINGS = (
    "Take it from a backup. Or stop what runs (mfdown), move it away and call mfup "
    "with the options that it was first started with: people and messages stay"
)
SECRETS = (
    "Take it from a backup. Or move it away and call mfdown and mfup, which makes new "
    "ones: people and messages stay, and everybody has to sign in anew"
)


def complaint(home: Home) -> str | None:
    """Return what is wrong with the platform's own files and the way out, if it is."""
    for file, way_out in (
        (home.settings_file, SETTINGS),
        (home.secrets_file, SECRETS),
    ):
        if file.exists() and (wrong := _wrong(file)):
            return f"{file} is damaged: {wrong}. {way_out}"
    return None


def _wrong(file: Path) -> str | None:
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return "it is no text"
    if not text:
        return "it is empty"
    if "\0" in text or not text.endswith("\n"):
        return "its end is missing"
    return None
