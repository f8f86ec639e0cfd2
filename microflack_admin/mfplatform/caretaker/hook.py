"""Tell somebody what an operator should know: by a command, or by POST to a URL.

A command is given to sh, with MF_EVENT and MF_TEXT in its environment and all of it as
JSON on its standard input. A URL gets the same JSON.
"""

import contextlib
import http.client
import json
import logging
import os
import queue
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from typing import Any

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10.0
ATTEMPTS = 3
PAUSE_SECONDS = 5.0
# Between two looks whether a command has ended that others have its output of.
POLL_SECONDS = 0.1
# What nobody takes away is dropped: nothing waits for whoever is to be told.
MAX_WAITING = 50
MAX_OUTPUT_CHARACTERS = 200
URLS = ("http://", "https://")


class HookError(Exception):
    """Raised when nobody was told; the text says why, and never what the hook is."""


@dataclass(frozen=True)
class News:
    """Something to tell: its kind, a sentence, where the chat is, and when (Unix)."""

    event: str
    text: str
    url: str
    time: int


def tell(hook: str, news: News) -> str:
    """Tell it once; return what came of it.

    :raises HookError: the command failed, nobody answers, or it took too long.
    """
    body = json.dumps(asdict(news)).encode()
    if hook.startswith(URLS):
        return _post(hook, body)
    return _call(hook, news, body)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nobody elsewhere: what is asked for there has no body any more."""

    def redirect_request(self, *_arguments: Any, **_more: Any) -> None:
        """Refuse, so that the answer is an error."""


_opener = urllib.request.build_opener(_NoRedirect)


def _post(url: str, body: bytes) -> str:
    headers = {"Content-Type": "application/json", "User-Agent": "MicroFlack"}
    try:
        request = urllib.request.Request(url, body, headers, method="POST")
        with _opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            return f"it answered {answer.status}"
    except urllib.error.HTTPError as error:
        error.close()
        raise HookError(f"it answered {error.code}") from error
    except http.client.InvalidURL:
        # It says what is wrong by repeating a part of it, a password even.
        raise HookError("it is no URL of http or https without a password") from None
    except http.client.HTTPException as error:
        raise HookError("its answer is none of HTTP") from error
    except (OSError, ValueError) as error:
        raise HookError(f"it does not answer: {error}") from error


def _call(command: str, news: News, body: bytes) -> str:
    try:
        started = _start(command, news)
    except OSError as error:
        raise HookError(f"it cannot be started: {error}") from error
    with started as process:
        try:
            output = _output(process, body)
        except HookError:
            # With all that it has begun.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode:
        said = output.decode(errors="replace").strip()[-MAX_OUTPUT_CHARACTERS:]
        raise HookError(f"it ended with {process.returncode}: {said or 'no word'}")
    return "it ended with 0"


def _output(process: subprocess.Popen[bytes], body: bytes) -> bytes:
    """Return what a command says until it ends.

    What it leaves in the background may go on, and have its output open for longer.

    :raises HookError: it takes too long.
    """
    end, given = time.monotonic() + TIMEOUT_SECONDS, body
    while True:
        # Before what it said is read, so that nothing of it is missed.
        has_ended = process.poll() is not None
        try:
            return process.communicate(given, timeout=POLL_SECONDS)[0]
        except subprocess.TimeoutExpired as error:
            # This is said once, and read on with (the manual of ``communicate``).
            given = b""
            if has_ended:
                return error.output or b""
            if time.monotonic() > end:
                told = f"it took more than {TIMEOUT_SECONDS:g} s"
                raise HookError(told) from error


def _start(command: str, news: News) -> subprocess.Popen[bytes]:
    # The text may end with what a log has of something that died: no variable has
    # NULs, nor signs that are none of UTF-8.
    text = news.text.replace("\0", " ").encode(errors="replace")
    return subprocess.Popen(
        ["sh", "-c", command],
        env={**os.environ, "MF_EVENT": news.event, "MF_TEXT": os.fsdecode(text)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


class Messenger:
    """Tells it from a thread of its own, so that nothing waits."""

    def __init__(self, hook: str) -> None:
        self._hook = hook
        self._waiting: queue.Queue[News] = queue.Queue(MAX_WAITING)
        threading.Thread(target=self._run, name="hook", daemon=True).start()

    def send(self, news: News) -> None:
        """Have it told; it is dropped where too much waits already."""
        try:
            self._waiting.put_nowait(news)
        except queue.Full:
            log.error("Nobody could be told, since too much waits: %s", news.text)

    def _run(self) -> None:
        while True:
            self._tell(self._waiting.get())

    def _tell(self, news: News) -> None:
        for attempt in range(ATTEMPTS):
            try:
                tell(self._hook, news)
            except HookError as error:
                log.warning("MF_HOOK was not told of %s: %s", news.event, error)
            else:
                log.info("MF_HOOK was told of %s: %s", news.event, news.text)
                return
            time.sleep(PAUSE_SECONDS * 2**attempt)
