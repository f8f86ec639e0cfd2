"""Pass on what is asked of a service that has been moved out of the monolith.

Only little comes: what was sent while it was being moved, and by connections that are
older. It goes to the load balancer, which knows where the service is now. While that
still sends it back here, the service's first instance is on its way. One of those who
wait looks for it; when it has an answer, the others ask, too.
"""

import threading
import time
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.wrappers import Request, Response

from mfplatform.monolith.answers import error
from mfplatform.monolith.interim import Interim
from microflack_common.errors import ServiceUnavailable
from microflack_common.http import Client

# A mover that is interrupted may be called again so much later. Clients may give up
# before: then they do not know whether it was done, as with every server.
TIMEOUT_SECONDS = 600.0
# Of one request that is passed on.
CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 60.0
PAUSE_SECONDS = 0.1
# Between two looks of those who wait whether somebody has to look for it.
LOOK_SECONDS = 1.0
# Each that waits has a thread, and others need some.
MOST_WAITING = 600
# Says that a request was passed on, and, in an answer, that it came back to here.
PASSED_ON = "X-Passed-On"
# What belongs to one connection (RFC 9110, 7.6.1), or is told by who answers.
NOT_PASSED_ON = {
    *("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"),
    *("host", "content-length", "content-encoding", "date", "server", "expect"),
}
ABSENT = "It is being moved at this moment. Try again shortly."


class Moved:
    """A WSGI application in the place of one that is elsewhere.

    :param balancer: the load balancer's URL; ``local:`` where there is none.
    """

    def __init__(self, balancer: str) -> None:
        # Nothing is sent twice: who asked may do that.
        is_there = not balancer.startswith("local:")
        timeouts = (CONNECT_SECONDS, ANSWER_SECONDS)
        self._client = Client(balancer, timeouts, retries=0) if is_there else None
        # Whether somebody looks for it, and how many wait until it is found.
        self._looked_for = threading.Lock()
        self._found = threading.Condition()
        self._waiting = 0

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer with what the service says."""
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if self._client is None:
            return _absent()
        if PASSED_ON in request.headers:
            # Misdirected (RFC 9110, 15.5.20): the load balancer tries it once only.
            return error(421, ABSENT, {PASSED_ON: "back"})
        try:
            answer = None
            if not self._looked_for.locked():
                answer = self._pass_on(self._client, request)
            return answer or self._wait(self._client, request)
        except ServiceUnavailable as problem:
            return error(503, str(problem), {"Retry-After": "1"})

    def _wait(self, client: Client, request: Request) -> Response:
        """Wait until the service is found, and pass a request on to it."""
        with self._found:
            if self._waiting >= MOST_WAITING:
                return _absent()
            self._waiting += 1
        try:
            return self._look(client, request) or _absent()
        finally:
            with self._found:
                self._waiting -= 1

    def _look(self, client: Client, request: Request) -> Response | None:
        end, interim = time.monotonic() + TIMEOUT_SECONDS, Interim(request.environ)
        while time.monotonic() < end:
            interim.tell()
            if self._looked_for.acquire(blocking=False):
                try:
                    answer = self._pass_on(client, request)
                    if answer is None:
                        time.sleep(PAUSE_SECONDS)
                finally:
                    self._looked_for.release()
                if answer is not None:
                    with self._found:
                        self._found.notify_all()
                    return answer
            else:
                with self._found:
                    is_found = self._found.wait(LOOK_SECONDS)
                if is_found and (answer := self._pass_on(client, request)):
                    return answer
        return None

    def _pass_on(self, client: Client, request: Request) -> Response | None:
        """Return the service's answer; None if the request came back to here."""
        headers = dict(_end_to_end(request.headers.items()))
        answer = client.request(
            request.method,
            request.full_path.rstrip("?"),
            headers=headers | {PASSED_ON: "yes"},
            data=request.get_data(),
            allow_redirects=False,
        )
        if PASSED_ON in answer.headers:
            return None
        # Each cookie has a header of its own there.
        told = list(_end_to_end(answer.raw.headers.items()))
        return Response(answer.content, answer.status_code, told)


def _absent() -> Response:
    return error(503, ABSENT, {"Retry-After": "1"})


def _end_to_end(headers: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    return ((k, v) for k, v in headers if k.lower() not in NOT_PASSED_ON)
