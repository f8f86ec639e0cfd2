"""MF_HOOK: what is told, once, to a command or a URL, and that nothing waits for it."""

import json
import os
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from daemons import wait_for

from mfplatform.caretaker import hook, news
from mfplatform.caretaker.hook import HookError, Messenger, News
from mfplatform.caretaker.news import DAY_SECONDS, Condition

NOW = 1_000_000.0
TEST = News("test", 'all is "well"', "http://127.0.0.1/", 7)
RUNNING = {"state": "running", "short_lives": 5, "last_end": "exit status 3"}
ENTRY = {
    "service": "echo", "from": "1", "to": "2", "since": NOW - 60, "until": NOW - 30,
    "outcome": "stopped", "reason": "it died after it had been ready",
}  # fmt: skip
ACTION = {
    "at": NOW - 30, "service": "echo", "kind": "Recycle", "command": "mfkill echo-1",
    "why": "echo-1 gives no answer", "outcome": "done", "problem": "",
}  # fmt: skip
LONG = {"since": NOW - 83 * DAY_SECONDS, "until": NOW + 6.9 * DAY_SECONDS}
SHORT = {"since": NOW - 3 * DAY_SECONDS, "until": NOW + 3 * DAY_SECONDS}


@pytest.mark.parametrize(
    ("conditions", "texts"),
    [
        (news.crash_loops({"echo-1": RUNNING}), []),
        (
            news.crash_loops({"echo-1": RUNNING | {"state": "starting"}}),
            ["echo-1 is crash-looping, last: exit status 3. See: mflogs echo-1"],
        ),
        (
            news.upgrades([ENTRY, ENTRY | {"outcome": "rolled"}], NOW),
            ["The upgrade echo 1 -> 2 was stopped: it died after it had been ready"],
        ),
        (news.upgrades([ENTRY | {"until": NOW - 601}], NOW), []),
        (news.care([ACTION], NOW), []),
        (
            news.care([ACTION | {"kind": "RollBack"}], NOW),
            ["mfkill echo-1 (done): echo-1 gives no answer"],
        ),
        (
            news.care([ACTION | {"outcome": "failed", "problem": "it cannot"}], NOW),
            ["mfkill echo-1 (failed): echo-1 gives no answer. it cannot"],
        ),
        (news.disk(used=90, free=10), []),
        (
            news.disk(used=91, free=9),
            ["The disk is 91% full. See: mfprune --dry-run"],
        ),
        (news.certificate(None, NOW), []),
        (
            news.certificate(LONG | {"problem": None}, NOW),
            ["The certificate ends in 7 days. See: mfstatus"],
        ),
        (news.certificate(SHORT | {"problem": None}, NOW), []),
        (
            news.certificate(SHORT | {"problem": "no answer"}, NOW),
            ["Certificate: no answer"],
        ),
    ],
)
def test_what_an_operator_should_know_is_told(
    conditions: Iterator[Condition], texts: list[str]
) -> None:
    assert [one.text for one in conditions] == texts


def test_nothing_is_told_twice_until_it_has_ended_for_long() -> None:
    one, other = Condition("disk", "", "full"), Condition("crash-loop", "a", "dies")
    told: dict[str, float] = {}
    for now, conditions, fresh in (
        (0.0, [one], [one]),
        (300.0, [one, other], [other]),
        (600.0, [other], []),
        (899.0, [one], []),
        (1499.0, [one], [one]),
    ):
        new, told = news.fresh(conditions, told, now)
        assert new == fresh, now


def test_a_command_gets_all_of_it(tmp_path: Path) -> None:
    file = tmp_path / "told"
    command = f'(printf "%s: %s\\n" "$MF_EVENT" "$MF_TEXT"; cat) >{file}'
    assert hook.tell(command, TEST) == "it ended with 0"
    line, body = file.read_text().splitlines()
    assert line == 'test: all is "well"'
    assert json.loads(body) == {
        "event": "test", "text": 'all is "well"', "url": "http://127.0.0.1/", "time": 7
    }  # fmt: skip


def test_only_the_command_counts_and_not_what_it_leaves_in_the_background(
    tmp_path: Path,
) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    # It has the output open, and goes on when somebody reads.
    left = f"(echo on >{fifo}) &"
    assert hook.tell(f"{left} cat >/dev/null", TEST) == "it ended with 0"
    assert fifo.read_text() == "on\n"
    with pytest.raises(HookError, match=r"^it ended with 3: no such room$"):
        hook.tell("sleep 600 & echo no such room; kill $!; exit 3", TEST)


def test_a_command_that_fails_or_never_ends_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(HookError, match=r"^it ended with 3: no such room$"):
        hook.tell("cat >/dev/null; echo no such room; exit 3", TEST)
    monkeypatch.setattr(hook, "TIMEOUT_SECONDS", 0.1)
    with pytest.raises(HookError, match=r"^it took more than 0\.1 s$"):
        hook.tell("sleep 600 & wait", TEST)


@pytest.fixture
def listener() -> Iterator[Any]:
    """Return a server that remembers what it is told, and answers as it is told."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.told.append(json.loads(body))
            self.send_response(server.answers.pop(0) if server.answers else 204)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            """Keep the test's output clean."""

    server: Any = HTTPServer(("127.0.0.1", 0), Handler)
    server.told, server.answers = [], []
    server.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_url_gets_it_as_json(listener: Any) -> None:
    assert hook.tell(listener.url, TEST) == "it answered 204"
    assert listener.told[0]["text"] == TEST.text
    listener.answers = [500]
    with pytest.raises(HookError, match=r"^it answered 500$"):
        hook.tell(listener.url, TEST)
    with pytest.raises(HookError, match=r"^it does not answer: "):
        hook.tell("http://127.0.0.1:1/secret", TEST)


def test_who_sends_it_elsewhere_was_not_told(listener: Any) -> None:
    listener.answers = [302]
    with pytest.raises(HookError, match=r"^it answered 302$"):
        hook.tell(listener.url, TEST)


@pytest.mark.parametrize(
    "url",
    [
        "http://me:secret@127.0.0.1/",
        "http://127.0.0.1/sec ret",
        "http://[127.0.0.1/secret",
        "http:///secret",
    ],
)
def test_a_url_that_is_none_is_an_error_which_does_not_tell_it(url: str) -> None:
    with pytest.raises(HookError) as caught:
        hook.tell(url, TEST)
    assert "sec" not in str(caught.value)


def test_an_answer_that_makes_no_sense_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"hello\r\n\r\n")

        with ThreadPoolExecutor(1) as pool:
            pool.submit(answer)
            with pytest.raises(HookError, match=r"^its answer is none of HTTP$"):
                hook.tell(f"http://127.0.0.1:{server.getsockname()[1]}/", TEST)


def test_a_text_with_signs_that_no_variable_may_have_is_told() -> None:
    told = replace(TEST, text="a\0b\udce9")
    assert hook.tell('cat >/dev/null; test "$MF_TEXT" = "a b?"', told)
    with pytest.raises(HookError, match=r"^it cannot be started: "):
        hook.tell("true", replace(TEST, text="x" * 10_000_000))


def test_who_is_away_for_a_moment_is_told_later(
    listener: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hook, "PAUSE_SECONDS", 0.0)
    listener.answers = [503, 503]
    Messenger(listener.url).send(TEST)
    wait_for(lambda: len(listener.told) == 3)


def test_nothing_waits_for_who_is_told() -> None:
    messenger = Messenger("sleep 600")
    for _ in range(hook.MAX_WAITING + 10):
        messenger.send(TEST)
