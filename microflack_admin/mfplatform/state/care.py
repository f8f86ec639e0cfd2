"""Whether somebody looks after the instances, and what that one has to know.

Needs nothing but Python itself, since it runs before the tools are installed.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from mfplatform.state import metrics, nightly
from mfplatform.state.asked_settings import settled
from mfplatform.state.home import Home, PlatformError

Settings = dict[str, str]

PART = "caretaker"
CARETAKER, MAX_MEMORY, HOOK = "MF_CARETAKER", "MF_MAX_MEMORY", "MF_HOOK"
# It works; it says what it would do; there is none. Until something is asked for, the
# first number of instances that is wanted turns it on.
ON, DRY_RUN, OFF = "on", "dry-run", "off"
MODES = (ON, DRY_RUN, OFF)
# Megabytes that one instance may take: what ours take is a tenth of it.
DEFAULT_MAX_MEMORY = 1024
MOST_MEMORY = 1_000_000
# Nobody is to be told.
NOBODY = "none"


def settle(recorded: Mapping[str, str], environ: Mapping[str, str]) -> Settings:
    """Return what was asked for, or else what is recorded; nothing if neither is.

    :param environ: has what was asked for.
    :raises ValueError: something cannot be had; the text says what can.
    """
    wanted = settled((CARETAKER, MAX_MEMORY, HOOK), recorded, environ)
    if wanted.get(CARETAKER, OFF) not in MODES:
        known = ", ".join(MODES)
        raise ValueError(f"{CARETAKER} takes {known}, not '{wanted[CARETAKER]}'")
    if wanted.get(HOOK, "") == NOBODY:
        wanted[HOOK] = ""
    if not wanted.get(HOOK, "").isprintable():
        raise ValueError(f"{HOOK} takes a command on one line, or a URL, or {NOBODY}")
    megabytes = wanted.get(MAX_MEMORY, "0")
    is_number = megabytes.isascii() and megabytes.isdigit() and len(megabytes) < 8
    if not is_number or int(megabytes) > MOST_MEMORY:
        raise ValueError(
            f"{MAX_MEMORY} takes megabytes from 1 to {MOST_MEMORY}, or 0 for any "
            f"number, not '{megabytes}'"
        )
    return wanted


def check(wanted: Mapping[str, str], runtime: str, parts: Iterable[str]) -> None:
    """Refuse a caretaker where none can be.

    :param parts: the names of the parts that the runtime runs.
    :raises PlatformError: it runs none.
    """
    asked = wanted.get(CARETAKER, OFF) != OFF or wanted.get(HOOK)
    asked = asked or wanted.get(nightly.FOLDER)
    if asked and PART not in parts:
        raise PlatformError(
            f"the runtime '{runtime}' runs no caretaker, which would also tell {HOOK} "
            f"and make backups by night (cron can): {CARETAKER}={OFF} {HOOK}={NOBODY} "
            f"{nightly.FOLDER}={nightly.NONE} mfup"
        )


def mode(home: Home) -> str:
    """Return what the caretaker does; "" where nobody has said anything yet."""
    return home.settings.get(CARETAKER, "")


def is_wanted(home: Home) -> bool:
    """Tell whether there is to be one.

    It looks after instances, tells news and figures, and makes a backup each night.
    """
    has_plan = bool(home.settings.get(nightly.FOLDER))
    has_use = bool(hook(home)) or has_plan or metrics.is_on(home)
    return mode(home) in (ON, DRY_RUN) or has_use


def hook(home: Home) -> str:
    """Return who is told what an operator should know: a command, a URL, or ""."""
    return home.settings.get(HOOK, "")


def given(home: Home) -> Settings:
    """Return what the caretaker is told: it is started anew when that changes."""
    maximum = home.settings.get(MAX_MEMORY, str(DEFAULT_MAX_MEMORY))
    return {
        CARETAKER: mode(home) or OFF,
        MAX_MEMORY: maximum,
        HOOK: hook(home),
        metrics.SETTING: metrics.ON if metrics.is_on(home) else metrics.OFF,
    }


def state_file(home: Home) -> Path:
    """Return the file that is there once the caretaker has looked."""
    return home.path / "caretaker" / "looked"


def forget_last_look(home: Home, runs: bool) -> None:
    """Forget the look of a process that is gone."""
    if not runs:
        state_file(home).unlink(missing_ok=True)


def answers(home: Home) -> bool:
    """Tell whether the caretaker works."""
    return state_file(home).exists()
