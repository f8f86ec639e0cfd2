"""What dies right after its start is started again later and later, and counted.

A supervised program's next start waits once it has died early several times running:
not at all at first, so that one that was killed is back at once.
"""

import time
from pathlib import Path

# One that lives for less dies at its start; on a busy machine a start takes seconds.
SHORT_LIFE_SECONDS = 20.0
FREE_STARTS = 3
MAX_DELAY_SECONDS = 15.0


def short_lives(environment_file: Path) -> int:
    """Return how often a program has died early, without a longer life in between."""
    return _read(environment_file)[0]


def restarts(environment_file: Path) -> int:
    """Return how often it was started again since somebody started it on purpose."""
    return max(_read(environment_file)[2] - 1, 0)


def wait_for_turn(environment_file: Path) -> None:
    """Count this start, and wait if those before it were short."""
    count, started, starts = _read(environment_file)
    died_early = time.time() - started < SHORT_LIFE_SECONDS
    count = count + 1 if died_early else 0
    time.sleep(delay(count))
    # Losing it costs a count; a disk that is full must not keep anything from starting.
    try:
        told = f"{count} {time.time():.3f} {starts + 1}"
        _file(environment_file).write_text(told)
    except OSError:
        return


def delay(count: int) -> float:
    """Return how long to wait after so many short lives, in seconds."""
    if count < FREE_STARTS:
        return 0.0
    return min(2.0 ** min(count - FREE_STARTS, 10), MAX_DELAY_SECONDS)


def forget(environment_file: Path) -> None:
    """Count anew: somebody has started it on purpose."""
    _file(environment_file).unlink(missing_ok=True)


def _file(environment_file: Path) -> Path:
    return environment_file.with_suffix(".starts")


def _read(environment_file: Path) -> tuple[int, float, int]:
    """Return the short lives, the last start in Unix seconds, and all starts."""
    try:
        # Older releases have not counted all.
        count, started, *starts = _file(environment_file).read_text().split()
        return int(count), float(started), int(starts[0]) if starts else 1
    except (OSError, ValueError):
        return 0, 0.0, 0
