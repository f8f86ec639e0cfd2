"""Make the passwords of services' databases where there are none; print their files.

python3 -m mfplatform.commands.passwords SERVICE...
"""

import sys

from mfplatform.state import database
from mfplatform.state.home import Home, PlatformError


def main(services: list[str]) -> int:
    """Make one for each service that is named."""
    home = Home.here()
    try:
        for service in services:
            database.password(home, service)
            print(database.password_file(home, service))
    except (PlatformError, OSError) as error:
        print(f"make-db-passwords.sh: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
