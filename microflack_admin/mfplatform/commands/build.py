"""Make an image of a folder that holds a service's source.

python -m mfplatform.commands.build SERVICE FOLDER TAG...
"""

import os
import subprocess
import sys
from pathlib import Path

from mfplatform.runtime import base
from mfplatform.state import releases
from mfplatform.state.home import Home, PlatformError, read_env
from mfplatform.state.instances import Image


def check(service: str, source: Path) -> None:
    """Raise PlatformError unless a release may be built as its folder describes it."""
    version = (source / "VERSION").read_text(encoding="utf-8").strip()
    oldest = read_env(source / "service.env").get(releases.KEY, "")
    releases.check(service, Image("", version, oldest))


def have_release(service: str, number: str) -> None:
    """Build a release from history, as `mfbuild SERVICE@NUMBER` does.

    :raises PlatformError: it cannot be built; the text holds what was said.
    """
    target = f"{service}@{number}"
    print(f"mfbuild {target}", file=sys.stderr, flush=True)
    done = subprocess.run(
        [Path(os.environ["MF_ADMIN"], "bin", "mfbuild"), target],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise PlatformError(
            f"the way leads over {service} {number}, which cannot be built, so nothing "
            f"has been changed:\n{done.stdout.strip()}"
        )


def main(arguments: list[str]) -> int:
    """Build one image and say what came of it."""
    service, source, *tags = arguments
    try:
        check(service, Path(source))
        built = base.create(Home.here()).build(service, Path(source), tags)
    except (PlatformError, OSError) as error:
        print(f"mfbuild: {service}: {error}", file=sys.stderr)
        return 1
    what = "built" if built.made else "nothing to do, it is there"
    print(f"{service} {' '.join(tags)}: image {built.id}, {what}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
