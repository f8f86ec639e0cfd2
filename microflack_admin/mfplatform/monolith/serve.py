"""Gunicorn's settings for the monolith: ``--config python:mfplatform.monolith.serve``.

As ``microflack_common.serve``, but clients hold connections here, too: each has a
thread for as long as it does. On green threads one statement of SQLite, or one check
of a password, would stop everybody.
"""

import ctypes
import os
import time
from typing import Any

from microflack_common import serve
from microflack_common.serve import (
    control_socket_disable,
    graceful_timeout,
    keepalive,
    limit_request_field_size,
    logger_class,
    pre_fork,
    timeout,
    worker_tmp_dir,
    workers,
)

__all__ = [
    "control_socket_disable",
    "graceful_timeout",
    "keepalive",
    "limit_request_field_size",
    "logger_class",
    "pre_fork",
    "timeout",
    "worker_class",
    "worker_tmp_dir",
    "workers",
]

# Opened by the keeper: see listening.py.
bind = [f"fd://{number}" for number in os.environ["MONOLITH_LISTENING"].split()]
worker_class = "mfplatform.monolith.worker.Worker"
# Threads are made when they are needed; most wait for somebody to write.
threads = 1000
worker_connections = 4000
# Where the registry is away, it serves without it after so long.
READY_SECONDS = 30.0
READY_PAUSE_SECONDS = 0.02


def post_worker_init(worker: Any) -> None:
    """Begin all that the services do, in the worker that has them."""
    app = worker.wsgi
    app.start()
    # Another server may listen at the same socket, which is ready by now. Without it,
    # whoever asks waits until then.
    end = time.monotonic() + READY_SECONDS
    while worker.alive and not app.is_ready() and time.monotonic() < end:
        time.sleep(READY_PAUSE_SECONDS)
    app.extensions["microflack_at_stop"].insert(0, worker.stop_accepting)
    serve.post_worker_init(worker)
    # Give back what the start took. Other C libraries than glibc have no such function.
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)


def worker_exit(_arbiter: Any, worker: Any) -> None:
    """Leave nothing to be told by the next server, in a worker that ends."""
    # It may have ended before it had an application.
    if app := getattr(worker, "wsgi", None):
        app.flush()
