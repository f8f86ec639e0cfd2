"""Virtual environments for services, made with uv.

python -m mfplatform.packaging.environments VENV REQUIREMENTS_FILE...

Makes one that holds all that the files name, or nothing when it is there already.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from mfplatform.state.home import Home, PlatformError

WHEEL = re.compile(r"^microflack-common(\[[^]]*\])?==(\S+)", re.MULTILINE)


def requirements(home: Home, *files: Path) -> tuple[str, bytes]:
    """Return what is needed, and the bytes of the microflack_common wheel in it.

    The wheel is named by its file: a package of the same name and version in some index
    must never take its place.
    """
    wheels = b""

    def with_file(found: re.Match[str]) -> str:
        nonlocal wheels
        name = f"microflack_common-{found[2]}-py3-none-any.whl"
        wheel = home.path / "wheelhouse" / name
        if not wheel.is_file():
            raise PlatformError(
                f"{wheel} is missing. Build it with: mkwheel {found[2]}"
            )
        wheels += wheel.read_bytes()
        return f"microflack-common{found[1] or ''} @ {wheel.as_uri()}"

    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    return WHEEL.sub(with_file, text), wheels


def make(home: Home, venv: Path, needed: str) -> None:
    """Make an environment, from what was downloaded before if that is enough."""
    uv = str(home.path / "tools" / "bin" / "uv")
    run([uv, "venv", "--quiet", "--python", sys.executable, str(venv)])
    install = [uv, "pip", "install", "--quiet", "--compile-bytecode"]
    install += ["--python", str(venv), "--requirement", "-"]
    install += ["--find-links", str(home.path / "wheelhouse")]
    try:
        run([*install, "--offline"], needed)
    except PlatformError:
        print("  downloading what it needs", file=sys.stderr)
        run(install, needed)


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
        needed, wheels = requirements(home, *map(Path, arguments[1:]))
        stamp = hashlib.sha256(needed.encode() + wheels).hexdigest()
        complete = venv / "complete"
        if not complete.exists() or complete.read_text() != stamp:
            shutil.rmtree(venv, ignore_errors=True)
            make(home, venv, needed)
            complete.write_text(stamp)
    except (PlatformError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
