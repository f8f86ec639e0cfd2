"""Debian packages that only some parts of the bench need."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from mfplatform.state.home import PlatformError

INSTALL_TIMEOUT_SECONDS = 600


class NotInstalled(PlatformError):
    """Raised when a program is not here and cannot be installed; says what to do."""


def have(program: str, packages: Sequence[str]) -> None:
    """Have a program; install the packages that bring it, and start nothing of them.

    Raises NotInstalled when only somebody else can do that, or nobody.
    """
    if shutil.which(program):
        return
    command = [str(Path(os.environ["MF_ADMIN"]) / "lib" / "apt-quietly"), *packages]
    if os.geteuid():
        command = ["sudo", "-n", "--", *command]
    names = " ".join(packages)
    advice = f"Install it with: sudo apt-get install --no-install-recommends {names}"
    try:
        subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=INSTALL_TIMEOUT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NotInstalled(f"{program} is not here. {advice}") from error
    if shutil.which(program) is None:
        raise NotInstalled(f"{program} did not come with {names}. {advice}")
