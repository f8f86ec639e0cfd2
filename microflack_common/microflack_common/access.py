"""Who may read: everybody, or members only.

The setting ACCESS is ``open`` or ``members``, where reading needs a token, too.
"""

from flask import Flask, current_app

from microflack_common.config import Environment

OPEN = "open"
MEMBERS = "members"


def from_environment(environment: Environment) -> str:
    """Return the variable ACCESS; a problem is left for ``check()``."""
    access = environment.text("ACCESS", OPEN)
    if access not in (OPEN, MEMBERS):
        environment.problems.append(f"ACCESS must be {OPEN} or {MEMBERS}")
    return access


def is_open() -> bool:
    """Say whether the current application lets everybody read."""
    return is_open_in(current_app)


def is_open_in(app: Flask) -> bool:
    """Say whether ``app`` lets everybody read."""
    return bool(app.config.get("ACCESS", OPEN) == OPEN)
