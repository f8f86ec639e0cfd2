"""Files that nobody needs any more: logs, and what mfbuild was working on."""

import os
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from mfplatform.state import instances
from mfplatform.state.home import Home

DAY_SECONDS = 86400
# The log of an instance that was stopped may still tell what went wrong.
KEPT_LOG_DAYS = 30
# Every log has so many older files at most.
MOST_ROTATED = 3
LOG = re.compile(r"(?P<source>.+)\.log(\.(?P<number>\d+))?")
INSTANCE = re.compile(r".+-\d+")
# How mfbuild names the folder that it works in.
BUILD_FOLDERS = "microflack-build.*"


def logs(home: Home, now: float | None = None) -> Iterator[Path]:
    """Yield logs of instances long gone, and those that are rotated no more."""
    running = {one.name for one in instances.all_instances(home)}
    oldest = (now or time.time()) - KEPT_LOG_DAYS * DAY_SECONDS
    for file in sorted(home.logs.glob("*.log*")):
        found = LOG.fullmatch(file.name)
        if not found:
            continue
        gone = INSTANCE.fullmatch(found["source"]) and found["source"] not in running
        is_extra = int(found["number"] or 0) > MOST_ROTATED
        if is_extra or (gone and file.stat().st_mtime < oldest):
            yield file


def build_folders(now: float | None = None) -> Iterator[Path]:
    """Yield what builds that were killed have left; none takes a day."""
    oldest = (now or time.time()) - DAY_SECONDS
    for folder in sorted(Path(tempfile.gettempdir()).glob(BUILD_FOLDERS)):
        found = folder.lstat()
        if found.st_uid == os.getuid() and found.st_mtime < oldest:
            yield folder
