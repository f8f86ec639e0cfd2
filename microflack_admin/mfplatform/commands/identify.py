"""Print the id of a service's image, and the version that it holds.

python -m mfplatform.commands.identify SERVICE TAG|IMAGE
"""

import sys

from mfplatform.runtime import base
from mfplatform.state.home import Home, PlatformError


def main(arguments: list[str]) -> int:
    """Look one image up."""
    service, tag = arguments
    try:
        image = base.of(Home.here()).image(service, tag)
    except PlatformError as error:
        print(error, file=sys.stderr)
        return 1
    print(image.id, image.version)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
