"""Run parts of the tests, several at a time.

    python -m mftools.testing.pool JOBS PROGRAM PART... [-- ARG...]

Each part is run by "PROGRAM PART ARG...". One job at a time shows what its part prints
as it comes; of several each is shown whole when it ends. In the folder MF_RESULTS
stands afterwards how many seconds a part took (PART.seconds), what it printed
(PART.log), and whether it failed (PART.failed). Interrupted, it ends all that runs.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

# Those that take longest begin first, so that in the end nobody waits for one.
LONGEST_FIRST = (
    *("platform", "runtimes", "tour", "e2e", "messages"),
    *("skew", "faults", "fuzz", "monolith", "users", "ui", "lint"),
)
POLL_SECONDS = 0.1
# What tests have to stop when they are interrupted: whole platforms.
STOP_TIMEOUT_SECONDS = 90


@dataclass
class Job:
    """A part that runs; ``alone`` in a session of its own."""

    part: str
    process: subprocess.Popen[bytes]
    alone: bool
    began: float

    def signal(self, number: int) -> None:
        """Send a signal to all its processes, or to the one whose terminal it is."""
        if self.process.poll() is None and self.alone:
            os.killpg(self.process.pid, number)
        elif self.process.poll() is None:
            self.process.send_signal(number)


def in_order(parts: Iterable[str]) -> list[str]:
    """Return the parts in the order in which they begin."""

    def place(part: str) -> int:
        name = name_of(part)
        return LONGEST_FIRST.index(name) if name in LONGEST_FIRST else 99

    return sorted(parts, key=place)


def name_of(part: str) -> str:
    """Return the name of a part, without the files that are chosen of it."""
    return part.partition(":")[0]


class Pool:
    """The parts that run now, and where their results are kept."""

    def __init__(self, results: Path, command: Sequence[str], live: bool) -> None:
        self._results = results
        self._command = command
        self._live = live
        self.jobs: list[Job] = []

    def start(self, part: str, arguments: Sequence[str]) -> None:
        """Start a part, in a session of its own unless it can talk to a terminal."""
        say(f"== {name_of(part)}" if self._live else f"   {name_of(part)} begins")
        command = [*self._command, part, *arguments]
        if self._live:
            alone = not sys.stdin.isatty()
            process = subprocess.Popen(command, start_new_session=alone)
        else:
            alone = True
            with self._file(part, "log").open("wb") as log:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        self.jobs.append(Job(part, process, alone, time.monotonic()))

    def take_ended(self) -> None:
        """Record and show the parts that have ended."""
        for job in [one for one in self.jobs if one.process.poll() is not None]:
            self.jobs.remove(job)
            seconds = round(time.monotonic() - job.began)
            self._file(job.part, "seconds").write_text(f"{seconds}\n")
            if job.process.returncode:
                self._file(job.part, "failed").touch()
            if not self._live:
                log = self._file(job.part, "log").read_text(errors="replace")
                say(f"== {name_of(job.part)}\n{log.rstrip()}")

    def end(self) -> None:
        """Interrupt all that run, as Ctrl-C would; kill what does not end."""
        self._signal(signal.SIGINT)
        deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
        while self._is_any_left() and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        self._signal(signal.SIGKILL)

    def _is_any_left(self) -> bool:
        return any(job.process.poll() is None for job in self.jobs)

    def _signal(self, number: int) -> None:
        for job in self.jobs:
            job.signal(number)

    def _file(self, part: str, kind: str) -> Path:
        return self._results / f"{name_of(part)}.{kind}"


def say(text: str) -> None:
    """Print something at once, on standard error as all progress."""
    print(text, file=sys.stderr, flush=True)


def run(
    pool: Pool,
    parts: Iterable[str],
    arguments: Sequence[str],
    jobs: int,
    stop: threading.Event,
) -> None:
    """Run the parts, at most so many at a time; end them all when ``stop`` is set."""
    waiting = list(parts)
    while (waiting or pool.jobs) and not stop.is_set():
        while waiting and len(pool.jobs) < jobs:
            pool.start(waiting.pop(0), arguments)
        time.sleep(POLL_SECONDS)
        pool.take_ended()
    if stop.is_set():
        say("Stopping what runs")
        pool.end()


def main(arguments: list[str]) -> int:
    """Run what the command line names; 130 when that is interrupted."""
    # An exception could come between the start of a part and the note of it.
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    end = arguments.index("--") if "--" in arguments else len(arguments)
    jobs, program, *parts = arguments[:end]
    several = int(jobs) > 1 and len(parts) > 1
    pool = Pool(Path(os.environ["MF_RESULTS"]), [program], live=not several)
    chosen = in_order(parts) if several else parts
    run(pool, chosen, arguments[end + 1 :], int(jobs) if several else 1, stop)
    return 130 if stop.is_set() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
