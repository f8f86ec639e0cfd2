"""Gunicorn's workers for long connections, whose errors are JSON.

Each is made when it is asked for, since the libraries of the others may be missing.
"""

from importlib import import_module
from typing import Any

from microflack_common.json_errors import JSONErrors
from microflack_common.loading import EndsWhileLoading

BASES = {
    "EventletJSONWorker": ("gunicorn.workers.geventlet", "EventletWorker"),
    "GeventJSONWorker": ("gunicorn.workers.ggevent", "GeventWorker"),
    "ThreadJSONWorker": ("gunicorn.workers.gthread", "ThreadWorker"),
}


def __getattr__(name: str) -> Any:
    """Return one of the workers, as Gunicorn asks for it by its name."""
    if name not in BASES:
        raise AttributeError(name)
    module, base = BASES[name]
    bases = (EndsWhileLoading, JSONErrors, getattr(import_module(module), base))
    return type(name, bases, {})
