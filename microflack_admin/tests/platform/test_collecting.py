"""The log collector: what the engine sends, and the files that it is kept in."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer

import pytest
from daemons import wait_for

from mfplatform.logs.engine_client import EngineClient
from mfplatform.logs.gatherer import LogGatherer
from mfplatform.logs.log_folder import LogFolder
from mftools.chaos.small_disk import SmallDisk, can_be_had

FIRST = "2026-01-02T03:04:05.000000001Z"
SECOND = "2026-01-02T03:04:05.00000001Z"
THIRD = "2026-01-02T03:04:06.5Z"


def frame(stream: int, stamp: str, text: bytes) -> bytes:
    """Return a piece of a log as the engine sends it."""
    content = stamp.encode() + b" " + text
    return bytes([stream, 0, 0, 0]) + len(content).to_bytes(4, "big") + content


class Server(ThreadingMixIn, UnixStreamServer):
    """An engine that knows the log of one container."""

    daemon_threads = True
    log = b""
    asked = ""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked = self.path
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.log)

    def address_string(self) -> str:
        return "socket"

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(str(tmp_path / "docker.sock"), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def lines(server: Server, after: str = "") -> list[tuple[str, bytes]]:
    engine = EngineClient(Path(str(server.server_address)), "id")
    return list(engine.lines("container", after))


def test_lines_come_with_their_times(server: Server) -> None:
    server.log = frame(1, FIRST, b"one\n") + frame(2, THIRD, b"two\n")
    assert lines(server) == [(FIRST, b"one\n"), (THIRD, b"two\n")]


def test_a_long_line_that_comes_in_pieces_is_put_together(server: Server) -> None:
    server.log = frame(1, FIRST, b"begun ") + frame(2, SECOND, b"another\n")
    server.log += frame(1, THIRD, b"ended\n")
    assert lines(server) == [(SECOND, b"another\n"), (FIRST, b"begun ended\n")]


def test_what_was_read_before_is_left_out(server: Server) -> None:
    server.log = frame(1, FIRST, b"one\n") + frame(1, SECOND, b"two\n")
    assert lines(server, after=FIRST) == [(SECOND, b"two\n")]
    assert "since=1767323045.000000001" in server.asked


def test_files_are_private_and_rotated(tmp_path: Path) -> None:
    folder = LogFolder(tmp_path, max_file_bytes=10)
    for number in range(6):
        folder.add("container", "users-1", FIRST, b"line %d, long enough" % number)
    kept = [f"users-1.log{end}" for end in ("", ".1", ".2", ".3")]
    assert sorted(file.name for file in tmp_path.iterdir()) == kept
    assert (tmp_path / "users-1.log").read_text() == "line 5, long enough\n"
    assert (tmp_path / "users-1.log.3").read_text() == "line 2, long enough\n"
    assert (tmp_path / "users-1.log").stat().st_mode & 0o777 == 0o600


class Engine:
    """Runs one container, which has said two things."""

    def starts(self) -> Iterator[tuple[str, str] | None]:
        yield None
        # It ends with the test's process.
        threading.Event().wait()

    def running(self) -> dict[str, str]:
        return {"container": "mf-users-1"}

    def lines(self, _container: str, _after: str) -> Iterator[tuple[str, bytes]]:
        yield FIRST, b"one " * 2000 + b"\n"
        yield THIRD, b"two\n"


@pytest.mark.skipif(not can_be_had(), reason="a file system is mounted by root")
def test_what_is_said_while_the_disk_is_full_is_kept_when_there_is_room(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    disk = SmallDisk(tmp_path / "disk", 2**22)
    disk.mount()
    try:
        disk.fill()
        gatherer = LogGatherer(Engine(), LogFolder(disk.folder), "mf-")
        threading.Thread(target=gatherer.run, daemon=True).start()
        wait_for(lambda: "The log of users-1 waits: the disk is full" in caplog.text)
        disk.clear()
        file = disk.folder / "users-1.log"
        wait_for(lambda: file.exists() and file.read_bytes().endswith(b"two\n"))
        assert file.read_bytes() == b"one " * 2000 + b"\ntwo\n"
    finally:
        disk.unmount()


def test_a_new_collector_goes_on_where_the_last_one_ended(tmp_path: Path) -> None:
    folder = LogFolder(tmp_path)
    folder.add("container", "users-1", FIRST, b"one\n")
    folder.save_positions()
    assert LogFolder(tmp_path).position("container") == FIRST
    assert LogFolder(tmp_path).position("another") == ""
