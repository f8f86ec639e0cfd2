"""Have a process of its own look into a picture, which may be made to do harm.

It gets open files, and none of the service's secrets. It tells by lines of JSON how far
it has come; nothing that it does stops the service, which does without the memory that
pictures take. What such a process does is in ``picture_work``.
"""

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from microflack_common.errors import ServiceUnavailable
from microflack_common.picture_work import MAX_PIXELS

logger = logging.getLogger(__name__)

# No secret of the service, and no path but its own.
ENVIRONMENT = {"PYTHONDONTWRITEBYTECODE": "1", "MALLOC_ARENA_MAX": "1"}
# Only on a machine that has no time does a process need so long: the time that it may
# use up is a third of it. Together with the wait below it is less than what a load
# balancer waits for an answer.
TIMEOUT_SECONDS = 40.0
# One at a time: so much memory is taken once. Who comes meanwhile waits for this long.
WAIT_SECONDS = 15.0
# What the process says is a few words.
MAX_SAID_BYTES = 4096

TOO_LONG = "There is no time for pictures right now. Try again shortly."

_TURN = threading.BoundedSemaphore(1)


class TooManyPixels(ValueError):
    """Raised for a picture that would take too much memory where it is shown."""

    def __init__(self, pixels: int) -> None:
        most = f"{MAX_PIXELS // 1_000_000} million"
        super().__init__(f"The picture has too many pixels: at most {most}.")
        self.pixels = pixels


def run(
    module: str,
    folder: Path,
    arguments: Sequence[str],
    files: Sequence[IO[bytes]],
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> dict[str, Any]:
    """Run a module in a process; return all that it has said, however it ended.

    :param folder: where the module's package is.
    :param arguments: for the process, before the numbers of the files.
    :param files: on the disk, which it may read and write.
    :param timeout_seconds: until it has to be done.

    Raises TooManyPixels if it says so, and ServiceUnavailable if it takes too long.
    """
    if not _TURN.acquire(timeout=WAIT_SECONDS):
        raise ServiceUnavailable(TOO_LONG)
    try:
        for file in files:
            file.flush()
        numbers = [file.fileno() for file in files]
        command = [sys.executable, "-m", module, *arguments, *map(str, numbers)]
        text, status = _run(command, folder, numbers, timeout_seconds)
    finally:
        _TURN.release()
    if status:
        logger.info("A picture could not be read: exit status %d", status)
    said = _understood(text)
    if "pixels" in said:
        raise TooManyPixels(said["pixels"])
    return said


def _run(
    command: Sequence[str], folder: Path, files: Sequence[int], timeout_seconds: float
) -> tuple[bytes, int]:
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=ENVIRONMENT,
        pass_fds=files,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    is_late = threading.Event()

    def give_up() -> None:
        is_late.set()
        process.kill()

    timer = threading.Timer(timeout_seconds, give_up)
    timer.start()
    assert process.stdout is not None
    try:
        text = process.stdout.read(MAX_SAID_BYTES)
        status = process.wait()
    finally:
        timer.cancel()
        process.kill()
        process.stdout.close()
    if is_late.is_set() and status:
        raise ServiceUnavailable(TOO_LONG)
    return text, status


def _understood(text: bytes) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for line in text.splitlines():
        said |= json.loads(line)
    return said
