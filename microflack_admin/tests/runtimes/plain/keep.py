"""Keep one program running until SIGTERM, and write down its process.

python -m mfplatform.runtime.plain.keep STEM

STEM.command holds its folder and command line, STEM.env its environment; STEM.pid gets
the process.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from mfplatform.state.home import read_env, write_private

POLL_SECONDS = 0.1


def main(stem: str) -> None:
    """Start it, and again when it has died."""
    folder, *command = json.loads(Path(f"{stem}.command").read_text(encoding="utf-8"))
    environment = read_env(Path(f"{stem}.env"))
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    while not ended.is_set():
        # In a group of its own, so that nothing of it can be left behind.
        child = subprocess.Popen(
            command, cwd=folder, env=environment, start_new_session=True
        )
        write_private(Path(f"{stem}.pid"), str(child.pid))
        while child.poll() is None and not ended.wait(POLL_SECONDS):
            pass
        if ended.is_set():
            child.terminate()
            child.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1])
