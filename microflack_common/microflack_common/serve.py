"""Gunicorn's settings: ``gunicorn --config python:microflack_common.serve``.

One worker process with threads: an instance is the unit that is scaled. The arbiter,
Gunicorn's first process, starts it, again if it was killed, and loads nothing of the
application: what both had loaded before the fork would not stay shared, since Python
writes to an object whenever it looks at it. So this module imports as little as it can.

The worker keeps the instance in the registry; on SIGTERM it leaves there first, serves
on until no request comes any more, and only then stops.

Reference: the Gunicorn documentation, "Settings" and "Server Hooks".
"""

import gc
import logging
import os
import signal
import socket
import sys
import threading
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from microflack_common.register import Registration

# So long without a request, and nobody knows this instance any more; and the most that
# is waited for that.
QUIET_SECONDS = 0.5
DRAIN_TIMEOUT_SECONDS = 5.0
# Between two looks whether the arbiter is alive.
ARBITER_PERIOD_SECONDS = 0.5
READY_TIMEOUT_SECONDS = 2.0

bind = os.environ.get("SERVICE_ADDRESS", "127.0.0.1:5000")
workers = 1
worker_class = "microflack_common.threaded_worker.ThreadedWorker"
threads = 8
# As much as the load balancer lets through in all headers together.
limit_request_field_size = 16380
# Longer than the load balancer keeps an idle connection, so that it is never the
# server that closes one while a request is on its way.
keepalive = 75
# From SIGTERM to SIGKILL; whoever stops an instance gives it a bit more.
graceful_timeout = 38
# A worker that is slow, or was paused, is not killed for it: the load balancer notices.
timeout = 0
# All instances of a user would share it.
control_socket_disable = True
# Heartbeats on a disk can block for seconds.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
logger_class = "microflack_common.serve.Logger"

logger = logging.getLogger(__name__)


class Logger:
    """Gunicorn's log, sent where all other logging of the process goes."""

    def __init__(self, cfg: Any) -> None:
        # Gunicorn makes one in the arbiter, which seldom has anything to say.
        self._log: logging.Logger | None = None

    def __getattr__(self, name: str) -> Any:
        """Return ``error`` and its like."""
        if self._log is None:
            from microflack_common import logs

            service = os.environ.get("SERVICE_NAME", "")
            logs.configure(service, os.environ.get("INSTANCE_NAME", service))
            self._log = logging.getLogger("gunicorn")
        return getattr(self._log, name)

    def info(self, *_arguments: Any, **_options: Any) -> None:
        """Leave out what Gunicorn tells of itself while all is well."""

    debug = info

    def access(self, *_arguments: Any) -> None:
        """Leave out Gunicorn's access line: the application writes its own."""

    def reopen_files(self) -> None:
        """Do nothing: standard output is not reopened."""

    def close_on_exec(self) -> None:
        """Do nothing: standard output is inherited on purpose."""


def pre_fork(_arbiter: Any, _worker: Any) -> None:
    """Keep the collector from writing to, and so copying, what the worker shares."""
    _hide_traces()
    gc.collect()
    gc.freeze()


def _hide_traces() -> None:
    # The library of Redis loads OpenTelemetry's wherever that is installed, for figures
    # of its own: 2.4 MB. Where nobody is told of traces it is as if it were not there
    # (Python's reference, "The import system", 5.3.1).
    if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "").strip():
        sys.modules.setdefault("opentelemetry", None)  # type: ignore[arg-type]


def post_worker_init(worker: Any) -> None:
    """Start the registration in a worker that has its application."""
    from microflack_common import registries
    from microflack_common.config import Environment, Instance
    from microflack_common.register import Registration
    from microflack_common.workers import PeriodicTask

    # What is there by now stays: the collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    instance = Instance.from_environment(Environment(os.environ))
    registration = None
    if instance.registers:
        registration = Registration(
            registries.connect(instance.etcd),
            instance,
            lambda: answers_ready(instance.address),
        )
        registration.start()
    _leave_first(worker, registration)
    follow = partial(_end_with_arbiter, worker)
    PeriodicTask("arbiter", follow, ARBITER_PERIOD_SECONDS).start()


def answers_ready(address: str) -> bool:
    """Say whether /readyz at HOST:PORT answers 200."""
    import http.client

    connection = http.client.HTTPConnection(address, timeout=READY_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _leave_first(worker: Any, registration: "Registration | None") -> None:
    # Both ends stay open as long as the handler: it is called again while the worker
    # ends, when `leave` has returned.
    ends = socket.socketpair()

    def leave() -> None:
        ends[0].recv(1)
        if registration:
            registration.leave()
        extensions = worker.wsgi.extensions
        for function in extensions.get("microflack_at_stop", []):
            function()
        extensions["microflack_activity"].wait_until_quiet(
            QUIET_SECONDS, DRAIN_TIMEOUT_SECONDS
        )
        worker.handle_exit(signal.SIGTERM, None)

    def on_sigterm(_signal: int, _frame: FrameType | None) -> None:
        # A supervisor and the arbiter both send it: once is read. A worker that runs on
        # green threads can do no more than this at any moment.
        ends[1].send(b".")

    threading.Thread(target=leave, name="leave", daemon=True).start()
    signal.signal(signal.SIGTERM, on_sigterm)


def _end_with_arbiter(worker: Any) -> None:
    # The arbiter that takes the place of one that was killed needs the port, and not
    # every kind of worker notices.
    if os.getppid() != worker.ppid:
        logger.error("The arbiter was killed: its worker ends, too")
        os._exit(1)
