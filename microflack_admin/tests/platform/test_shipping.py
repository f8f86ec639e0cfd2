"""Logs that leave the machine: nothing is lost, and in an index nothing is twice."""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from daemons import free_port, wait_for
from log_receivers import Bulk

from mfplatform.logs.log_folder import LogFolder
from mfplatform.logs.shipping import progress
from mfplatform.logs.shipping.documents import Origin
from microflack_common.logs import JsonFormatter

ADMIN = Path(__file__).resolve().parents[2]
ORIGIN = Origin("platform", "machine")
# So small that each log is rotated often.
FILE_BYTES = 20_000
SOURCES = ("users-1", "messages-1", "haproxy")


class Writers:
    """Write logs, rotated as the platform's are, until they are told to stop."""

    def __init__(self, logs: Path) -> None:
        self._folder = logs
        self._logs = LogFolder(logs, FILE_BYTES)
        self._ended = threading.Event()
        self.written: list[str] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._ended.wait(0.01):
            for source in filter(self._may_rotate, SOURCES):
                for _ in range(10):
                    self._write(source)

    def _may_rotate(self, source: str) -> bool:
        """Tell whether the sender has seen what would soon be rotated away."""
        try:
            return (self._folder / f"{source}.log.2").stat().st_nlink > 1
        except FileNotFoundError:
            return True

    def _write(self, source: str) -> None:
        message = f"line {len(self.written)}"
        record = logging.makeLogRecord({"msg": message, "levelname": "INFO"})
        text = JsonFormatter("users", source).format(record)
        # Every fifth is one that tells no time, as in a traceback.
        text = message if len(self.written) % 5 == 4 else text
        self._logs.add("container", source, "", text.encode())
        self.written.append(message)

    def more(self, count: int = 2000) -> None:
        """Wait until so many more are written."""
        goal = len(self.written) + count
        wait_for(lambda: len(self.written) > goal)

    def stop(self) -> list[str]:
        """Return all that was written."""
        self._ended.set()
        self._thread.join()
        return self.written


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder


@pytest.fixture
def sender(logs: Path) -> Iterator[Callable[[str], "subprocess.Popen[bytes]"]]:
    """Return what starts the part that sends logs, as a platform does."""
    started = []

    def start(to: str) -> "subprocess.Popen[bytes]":
        environment = {
            "PYTHONPATH": str(ADMIN),
            "PATH": os.environ["PATH"],
            "LOGS_FOLDER": str(logs),
            "LOGS_ADDRESS": f"127.0.0.1:{free_port()}",
            "LOGS_PASSWORD": "password",
            "MF_PLATFORM": "platform",
            "LOGS_TO": to,
        }
        command = [sys.executable, "-P", "-m", "mfplatform.logs.server"]
        started.append(subprocess.Popen(command, env=environment))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_nothing_is_lost_or_doubled_whatever_the_receiver_and_the_sender_do(
    logs: Path, sender: Callable[[str], "subprocess.Popen[bytes]"]
) -> None:
    port = free_port()
    writers = Writers(logs)
    process = sender(f"elasticsearch://127.0.0.1:{port}")
    # Nobody listens there: all that is rotated away is kept.
    writers.more()
    wait_for(lambda: (progress.read(logs) or {}).get("away_since"))
    receiver = Bulk(port, "429")
    for mood in ("429", "cuts"):
        receiver.mood, asked = mood, receiver.asked
        wait_for(lambda asked=asked: receiver.asked > asked)
    writers.more()
    receiver.mood = "takes"
    wait_for(receiver.messages)
    process.kill()
    process.wait()
    receiver.stop()
    process = sender(f"elasticsearch://127.0.0.1:{port}")
    written = writers.stop()
    # What it has it keeps, as the real one does.
    again = Bulk(port)
    again.documents = receiver.documents
    wait_for(lambda: len(again.documents) >= len(written))
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    again.stop()
    assert sorted(again.messages()) == sorted(written)
    state = progress.read(logs)
    assert state is not None
    assert (state["away_since"], state["waiting"], state["given_up"]) == (None, 0, 0)
    # All that is left has a name among the logs.
    assert all(file.stat().st_nlink == 2 for file in logs.glob(".shipping/files/*/*"))
