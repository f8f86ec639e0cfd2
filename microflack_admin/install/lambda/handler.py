"""A service as an AWS Lambda function: ``handler`` is what the runtime calls.

SERVICE_NAME says which service it is. What is missing of its settings is in the log, in
one sentence, and whoever asks gets 503.
"""

import importlib
import json
import logging
import os
from collections.abc import Callable, Mapping
from typing import Any

from apig_wsgi import make_lambda_handler

from microflack_common import health, logs
from microflack_common.config import ConfigError, Environment
from microflack_common.errors import error_response

logger = logging.getLogger("microflack.lambda")

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

# What would have a default where a service runs alone, and must not have one here.
NEEDED = {
    "users": ("DATABASE_URL", "ETCD", "LB", "SERVICE_KEY"),
    "tokens": ("DATABASE_URL", "ETCD", "LB", "SERVICE_KEY"),
    "messages": ("DATABASE_URL", "ETCD", "LB"),
    "ui": (),
}
NOT_SET_UP = "This service is not set up. Its log says what is missing."


def make_handler(environ: Mapping[str, str]) -> Handler:
    """Return the handler of the service that the settings name.

    Raises ConfigError with all that is wrong with them.
    """
    env = Environment(environ)
    name = env.text("SERVICE_NAME")
    if name and name not in NEEDED:
        env.problems.append(f"SERVICE_NAME must be one of {', '.join(NEEDED)}")
    for needed in NEEDED.get(name, ()):
        env.text(needed)
    if env.boolean("BACKGROUND", default=True):
        env.problems.append("BACKGROUND must be no: a function is frozen after answers")
    env.check()
    app = importlib.import_module(f"microflack_{name}.app").create_app()
    # Nobody but a load balancer asks for them, and here is none.
    app.before_request(_hide_health)
    return make_lambda_handler(app, binary_support=True)


def _hide_health() -> Any:
    from flask import request

    return error_response(404) if request.path in health.PATHS else None


def _refuse(_event: dict[str, Any], _context: Any) -> dict[str, Any]:
    return {
        "statusCode": 503,
        "headers": {"Content-Type": "application/json", "Retry-After": "60"},
        "body": json.dumps({"error": NOT_SET_UP}),
    }


def _handler() -> Handler:
    logs.configure(os.environ.get("SERVICE_NAME", ""))
    try:
        return make_handler(os.environ)
    except ConfigError as error:
        logger.error("%s", error)
        return _refuse


handler = _handler()
