"""Print the id of a service's image, and the version that it holds.

python -m mfplatform.identify SERVICE TAG|IMAGE
"""

import sys

from mfplatform import runtime
from mfplatform.settings import Home, PlatformError


def main(arguments: list[str]) -> int:
    """Look one image up."""
    service, tag = arguments
    try:
        image = runtime.of(Home.here()).image(service, tag)
    except PlatformError as error:
        print(error, file=sys.stderr)
        return 1
    print(image.id, image.version)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
