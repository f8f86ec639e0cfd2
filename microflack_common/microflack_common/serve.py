"""Gunicorn's settings: ``--config python:microflack_common.serve``.

One worker process with threads: an instance is the unit that is scaled. The worker
keeps the instance in the registry; on SIGTERM it leaves there first, serves on until no
request comes any more, and only then stops.
"""

import gc
import http.client
import logging
import os
import signal
import socket
import threading
from types import FrameType
from typing import Any

from microflack_common import logs
from microflack_common.config import Environment, Instance
from microflack_common.register import Registration
from microflack_common.registry import Registry

# Seconds without a request after which nobody knows this instance any more, and the
# most that is waited for that.
QUIET = 0.5
DRAIN = 5.0

bind = os.environ.get("SERVICE_ADDRESS", "127.0.0.1:5000")
workers = 1
worker_class = "gthread"
threads = 8
# Loaded before the worker is forked, so that a killed one is back at once.
preload_app = True
# Longer than the load balancer keeps an idle connection, so that it is never the
# server that closes one while a request is on its way.
keepalive = 75
graceful_timeout = 30
# All instances of a user would share it.
control_socket_disable = True
# Heartbeats on a disk can block for seconds.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
logger_class = "microflack_common.serve.Logger"

logger = logging.getLogger(__name__)


class Logger:
    """Gunicorn's log, sent where all other logging of the process goes."""

    def __init__(self, cfg: Any) -> None:
        service = os.environ.get("SERVICE_NAME", "")
        logs.configure(service, os.environ.get("INSTANCE_NAME", service))
        self._log = logging.getLogger("gunicorn")
        self.debug, self.info = self._log.debug, self._log.debug
        self.warning, self.error = self._log.warning, self._log.error
        self.critical, self.exception = self._log.critical, self._log.exception
        self.log = self._log.log

    def access(self, *_arguments: Any) -> None:
        """Leave out Gunicorn's access line: the application writes its own."""

    def reopen_files(self) -> None:
        """Do nothing: standard output is not reopened."""

    def close_on_exec(self) -> None:
        """Do nothing: standard output is inherited on purpose."""


def pre_fork(_arbiter: Any, _worker: Any) -> None:
    """Keep the collector from writing to, and so copying, what the worker shares."""
    gc.collect()
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """Start the registration in a worker that has loaded its application."""
    # What is loaded by now stays: the collector need not look at it again.
    gc.collect()
    gc.freeze()
    instance = Instance.from_environment(Environment(os.environ))
    registration = None
    if instance.registers:
        registration = Registration(
            Registry(instance.etcd), instance, lambda: answers_ready(instance.address)
        )
        registration.start()
    _leave_first(worker, registration)


def answers_ready(address: str) -> bool:
    """Say whether /readyz at HOST:PORT answers 200."""
    connection = http.client.HTTPConnection(address, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _leave_first(worker: Any, registration: Registration | None) -> None:
    told, telling = socket.socketpair()

    def leave() -> None:
        told.recv(1)
        if registration:
            registration.leave()
        extensions = worker.wsgi.extensions
        for function in extensions.get("microflack_at_stop", []):
            function()
        extensions["microflack_activity"].wait_until_quiet(QUIET, DRAIN)
        worker.handle_exit(signal.SIGTERM, None)

    def on_sigterm(_signal: int, _frame: FrameType | None) -> None:
        # The supervisor and Gunicorn's master both send it: once is read. A worker that
        # runs on green threads can do no more than this at any moment.
        telling.send(b".")

    threading.Thread(target=leave, name="leave", daemon=True).start()
    signal.signal(signal.SIGTERM, on_sigterm)
