"""Make an image of a folder that holds a service's source.

python -m mfplatform.commands.build SERVICE FOLDER TAG...
"""

import sys
from pathlib import Path

from mfplatform.runtime import base
from mfplatform.state.home import Home, PlatformError


def main(arguments: list[str]) -> int:
    """Build one image and say what came of it."""
    service, source, *tags = arguments
    try:
        built = base.create(Home.here()).build(service, Path(source), tags)
    except (PlatformError, OSError) as error:
        print(f"mfbuild: {service}: {error}", file=sys.stderr)
        return 1
    what = "built" if built.made else "nothing to do, it is there"
    print(f"{service} {' '.join(tags)}: image {built.id}, {what}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
