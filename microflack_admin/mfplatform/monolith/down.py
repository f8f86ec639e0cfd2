"""Stop the monolith; its data stay.

python -m mfplatform.monolith.down
"""

import sys

from mfplatform.monolith import process
from mfplatform.state.home import Home, PlatformError


def main() -> int:
    """Stop it, if it runs."""
    home = Home.here()
    try:
        if process.is_running(home):
            print("Stopping the monolith", file=sys.stderr, flush=True)
            process.stop(home)
    except (PlatformError, OSError) as error:
        print(f"mfdown: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
