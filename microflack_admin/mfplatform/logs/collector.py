"""Gather the logs of a platform's containers, serve them, and send them on.

python -m mfplatform.logs.collector
"""

import logging
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

from mfplatform.logs import web
from mfplatform.logs.engine_client import EngineClient
from mfplatform.logs.gatherer import LogGatherer
from mfplatform.logs.log_folder import LogFolder
from mfplatform.logs.swarm_client import SwarmClient

FOLDER = Path("/var/log/microflack")
SOCKET = Path("/run/engine.sock")


def main() -> int:
    """Gather and serve until told to end."""
    logging.basicConfig(format=web.LOG_FORMAT, stream=sys.stdout)
    os.umask(0o077)
    platform = os.environ["MF_PLATFORM"]
    folder = LogFolder(FOLDER)
    clients = [EngineClient(SOCKET, platform)]
    if "LOGS_OF_SWARM" in os.environ:
        clients.append(SwarmClient(SOCKET, platform))
    for client in clients:
        gatherer = LogGatherer(client, folder, f"microflack-{platform}-")
        threading.Thread(target=gatherer.run, daemon=True).start()
    web.serve(FOLDER, lambda: _save(folder))
    return 0


def _save(folder: LogFolder) -> None:
    # While the disk is full: the engine starts again what dies of it, ever later.
    with suppress(OSError):
        folder.save_positions()


if __name__ == "__main__":
    sys.exit(main())
