"""Serve the logs that processes write to files, and send them on.

LOGS_FOLDER=FOLDER python -m mfplatform.logs.server
"""

import logging
import os
import sys
from pathlib import Path

from mfplatform.logs import web


def main() -> int:
    """Serve until told to end."""
    logging.basicConfig(format=web.LOG_FORMAT, stream=sys.stdout)
    web.serve(Path(os.environ["LOGS_FOLDER"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
