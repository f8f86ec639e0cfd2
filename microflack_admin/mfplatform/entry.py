"""Run the module of a command, so that a person gets a sentence and no traceback.

python -m mfplatform.entry MODULE [ARG...]

Needs nothing but Python itself.
"""

import errno
import os
import runpy
import sys
import time
import traceback
from pathlib import Path

from mfplatform.state import colours, intact
from mfplatform.state.home import Home

INTERRUPTED, BROKEN_PIPE = 130, 141
# What runs can be stopped, and looked at, whatever has become of its settings.
NEVER_REFUSED = (".down", ".doctor")
# There is no room for what is written.
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def run(module: str) -> None:
    """Run a module as if it had been called; SystemExit passes through."""
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        # What cannot be written any more is to be noticed here, not at the very end.
        sys.stdout.flush()


def _command() -> str:
    return os.environ.get("MF_COMMAND", "mf")


def _damage(module: str) -> str | None:
    """Return what keeps a command from using the platform's settings."""
    if module.endswith(NEVER_REFUSED) or not os.environ.get("MF_HOME"):
        return None
    return intact.complaint(Home.here())


def explain(error: Exception) -> str:
    """Return what to say about an error that nobody expected; its details are kept."""
    command = _command()
    if isinstance(error, OSError) and error.errno in FULL:
        return f"{command}: cannot write {error.filename or 'all'}: {error.strerror}"
    reason = f"{type(error).__name__}: {error}".strip(": ")
    try:
        kept = f"All about it is in {_keep(command)}"
    except OSError:
        kept = "".join(traceback.format_exception(error)).rstrip()
    return f"{command}: this should not happen: {reason}. {kept}"


def _keep(command: str) -> Path:
    file = Path(os.environ["MF_HOME"]) / "logs" / "commands.log"
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    stamp = time.strftime("%Y-%m-%d %H:%M:%S")
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as out:
        out.write(
            f"{stamp} {command} {' '.join(sys.argv[1:])}\n{traceback.format_exc()}"
        )
    return file


def main() -> int:
    """Run what the command line names; return how it ended if it did not say so."""
    _, module, *arguments = sys.argv
    sys.argv = [module, *arguments]
    if sys.stdout is None:
        # It was closed: nobody wants to read it.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    colours.mark_errors()
    try:
        if damage := _damage(module):
            print(f"{_command()}: {damage}", file=sys.stderr)
            return 1
        run(module)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read has seen enough.
        _give_up_output()
        return BROKEN_PIPE
    except Exception as error:
        print(explain(error), file=sys.stderr)
        _give_up_output()
        return 1
    return 0


def _give_up_output() -> None:
    """Have Python not complain at its end about what cannot be written."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
