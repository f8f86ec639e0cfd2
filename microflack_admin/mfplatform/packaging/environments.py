"""Virtual environments for services, made with uv.

python -m mfplatform.packaging.environments VENV REQUIREMENTS_FILE...

Makes one that holds all that the files name, or nothing when it is there already.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from mfplatform.packaging import requirements
from mfplatform.packaging.requirements import Needs
from mfplatform.state.home import Home, PlatformError


def make(home: Home, venv: Path, needs: Needs) -> None:
    """Make an environment, from what was downloaded before if that is enough.

    :raises PlatformError: something cannot be had, or is not what its hash says.
    """
    uv = str(home.path / "tools" / "bin" / "uv")
    run([uv, "venv", "--quiet", "--python", sys.executable, str(venv)])
    install = [uv, "pip", "install", "--quiet", "--compile-bytecode"]
    install += ["--python", str(venv)]
    if not needs.hashed:
        links = ["--find-links", str(home.path / "wheelhouse")]
        _fetch([*install, "--requirement", "-", *links], needs.text)
        return
    # Nothing is built here: what a build needs in turn would come without a hash.
    _fetch(
        [*install, "--require-hashes", "--no-build", "--requirement", "-"], needs.text
    )
    if needs.wheels:
        run([*install, "--no-index", "--no-deps", *map(str, needs.wheels)])
    run([uv, "pip", "check", "--python", str(venv)])


def _fetch(install: list[str], text: str) -> None:
    try:
        run([*install, "--offline"], text)
    except PlatformError:
        print("  downloading what it needs", file=sys.stderr)
        run(install, text)


def run(command: list[str], text: str = "") -> None:
    """Run a tool, whose output is of interest only when it fails."""
    settings = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        command,
        input=text,
        text=True,
        env=settings | {"UV_PYTHON_DOWNLOADS": "never"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        what = f"{Path(command[0]).name} {command[1]}"
        raise PlatformError(f"{what} failed:\n{done.stdout.strip()}")


def main(arguments: list[str]) -> int:
    """Have one environment."""
    home, venv = Home.here(), Path(arguments[0])
    try:
        needs = requirements.read(home, *map(Path, arguments[1:]))
        stamp = hashlib.sha256(needs.text.encode() + needs.contents()).hexdigest()
        complete = venv / "complete"
        if not complete.exists() or complete.read_text() != stamp:
            shutil.rmtree(venv, ignore_errors=True)
            make(home, venv, needs)
            complete.write_text(stamp)
    except (PlatformError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
