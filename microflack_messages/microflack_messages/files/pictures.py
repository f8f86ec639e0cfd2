"""Have pictures cleaned and made small, each by a process of its own."""

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from microflack_common.errors import ServiceUnavailable
from microflack_messages.files.picture_process import MAX_PIXELS

logger = logging.getLogger(__name__)

PROCESS = "microflack_messages.files.picture_process"
FOLDER = Path(__file__).parents[2]
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


@dataclass
class Picture:
    """What came of a file that begins like a picture.

    :param cleaned: without what tells about people; None if it could not be read.
    :param width: in pixels, as it is shown; None if it is no picture after all.
    :param thumbnail: a small one, as WebP.
    """

    cleaned: IO[bytes] | None
    width: int | None
    height: int | None
    thumbnail: IO[bytes] | None


def process(
    source: IO[bytes],
    kind: str,
    new_file: Callable[[], IO[bytes]],
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Picture:
    """Return what is in a file that begins like a picture of this type.

    :param source: a file on the disk.
    :param new_file: makes another one.
    :param timeout_seconds: until it has to be done.

    Raises TooManyPixels, and ServiceUnavailable if it takes too long.
    """
    cleaned, thumbnail = new_file(), new_file()
    if not _TURN.acquire(timeout=WAIT_SECONDS):
        raise ServiceUnavailable(TOO_LONG)
    try:
        said = _run(timeout_seconds, kind, source, cleaned, thumbnail)
    finally:
        _TURN.release()
    if "pixels" in said:
        raise TooManyPixels(said["pixels"])
    is_picture = "width" in said
    return Picture(
        cleaned if "orientation" in said else None,
        said.get("width"),
        said.get("height"),
        thumbnail if is_picture else None,
    )


def _run(timeout_seconds: float, kind: str, *files: IO[bytes]) -> dict[str, Any]:
    """Run the process; return all that it has said, however it ended."""
    files[0].flush()
    numbers = [file.fileno() for file in files]
    command = [sys.executable, "-m", PROCESS, kind, *map(str, numbers)]
    process = subprocess.Popen(
        command,
        cwd=FOLDER,
        env=ENVIRONMENT,
        pass_fds=numbers,
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
    if status:
        logger.info("A file of type %s could not be read: exit status %d", kind, status)
    return _understood(text)


def _understood(text: bytes) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for line in text.splitlines():
        said |= json.loads(line)
    return said
