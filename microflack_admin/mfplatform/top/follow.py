"""Print one look after the other, a line of JSON each, until nobody reads them.

python -m mfplatform.top.follow

Where there is nothing to see the line has ``problem`` only.
"""

import json
import os
import sys
import time
from dataclasses import asdict

from mfplatform.runtime import base
from mfplatform.state.home import Home, PlatformError
from mfplatform.top.look import Looker

PERIOD_SECONDS = 2.0


def line(looker: Looker) -> str:
    """Return the next line."""
    try:
        return json.dumps({"at": time.time(), "look": asdict(looker.look())})
    except (PlatformError, OSError) as error:
        return json.dumps({"at": time.time(), "problem": str(error)})


def main() -> int:
    """Look and print until the reader is gone."""
    home = Home.here()
    looker = Looker(home, base.create(home))
    try:
        while True:
            print(line(looker), flush=True)
            time.sleep(PERIOD_SECONDS)
    except BrokenPipeError:
        # Nothing is left that could be written at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
