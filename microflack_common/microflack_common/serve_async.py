"""Gunicorn's settings for long connections: ``python:microflack_common.serve_async``.

As ``microflack_common.serve``, but each worker holds thousands of connections. The
variable ASYNC_MODE says how: ``eventlet`` (the default), ``gevent`` or ``threading``;
the application uses the same. Needs Gunicorn 25 for eventlet, which later ones lack.
"""

import os
import warnings
from importlib import import_module

ASYNC_MODE = os.environ.get("ASYNC_MODE", "eventlet")

# Standard modules are patched before anything else has taken functions out of them.
if ASYNC_MODE == "eventlet":
    # The system resolves names as well, and is not known for 5 MB and surprises.
    os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
    # Both eventlet and Gunicorn tell at each import that its days are numbered.
    warnings.filterwarnings("ignore", message=r"\s*(The e|E)ventlet .* deprecated")
    import_module("eventlet").monkey_patch()
elif ASYNC_MODE == "gevent":
    import_module("gevent.monkey").patch_all()

from microflack_common.serve import (  # noqa: E402
    bind,
    control_socket_disable,
    graceful_timeout,
    limit_request_field_size,
    logger_class,
    post_worker_init,
    pre_fork,
    timeout,
    worker_tmp_dir,
    workers,
)

__all__ = [
    "bind",
    "control_socket_disable",
    "graceful_timeout",
    "limit_request_field_size",
    "logger_class",
    "post_worker_init",
    "pre_fork",
    "timeout",
    "worker_tmp_dir",
    "workers",
]

worker_class = {
    "eventlet": "microflack_common.async_workers.EventletJSONWorker",
    "gevent": "microflack_common.async_workers.GeventJSONWorker",
}.get(ASYNC_MODE, "microflack_common.async_workers.ThreadJSONWorker")
# A connection takes one of these as long as it lasts.
worker_connections = 4000
threads = 1000
# The load balancer opens a connection for each request anyway, and the workers for
# eventlet and gevent would wait for an idle one before they end.
keepalive = 0
