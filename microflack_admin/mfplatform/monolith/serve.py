"""Gunicorn's settings for the monolith: ``--config python:mfplatform.monolith.serve``.

As ``microflack_common.serve``, but clients hold connections here, too: each has a
thread for as long as it does. On green threads one statement of SQLite, or one check
of a password, would stop everybody.
"""

import ctypes
import os
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

bind = [os.environ["MONOLITH_ADDRESS"], f"unix:{os.environ['MONOLITH_SOCKET']}"]
# For its owner only.
umask = 0o077
worker_class = "mfplatform.monolith.worker.Worker"
# Threads are made when they are needed; most wait for somebody to write.
threads = 1000
worker_connections = 4000


def post_worker_init(worker: Any) -> None:
    """Begin all that the services do, in the worker that has them."""
    worker.wsgi.start()
    serve.post_worker_init(worker)
    # Give back what the start took. Other C libraries than glibc have no such function.
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)
