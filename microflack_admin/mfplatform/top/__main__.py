"""Look at the platform: on a screen of one's own, or once.

python -m mfplatform.top [--once | --json]
"""

import json
import sys
import time
from dataclasses import asdict

from mfplatform.commands.status import table
from mfplatform.runtime import base
from mfplatform.state.home import Home, PlatformError
from mfplatform.top.look import Look, Looker

# Between two looks: what happens in it is what is shown.
ONCE_SECONDS = 2.0


def once(looker: Looker) -> Look:
    """Return what happens in a moment."""
    looker.look()
    time.sleep(ONCE_SECONDS)
    return looker.look()


def text(look: Look) -> str:
    """Return a look as text."""
    # What draws the screen is needed for its words only.
    from mfplatform.top.screen import COLUMNS, cells, headline

    rows = [dict(zip(COLUMNS, cells(row), strict=True)) for row in look.services]
    return f"{headline(look)}\n\n{table(rows, COLUMNS[:-1])}"


def document(look: Look) -> str:
    """Return a look for programs."""
    return json.dumps(asdict(look), indent=2)


def main(arguments: list[str]) -> int:
    """Show it."""
    home = Home.here()
    try:
        looker = Looker(home, base.running(home))
        if arguments:
            look = once(looker)
            print(document(look) if arguments == ["--json"] else text(look))
            return 0
        from mfplatform.top.screen import Screen

        Screen(looker.look).run()
    except (PlatformError, OSError) as error:
        print(f"mftop: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
