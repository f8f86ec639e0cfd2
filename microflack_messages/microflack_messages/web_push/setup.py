"""Give an application all that web push needs."""

from flask import Flask

from microflack_common.within_requests import before_answers, periodically
from microflack_messages.web_push import (  # noqa: F401 (routes add to the blueprint)
    blocked,
    routes,
    sessions,
)
from microflack_messages.web_push.delivery import Delivery
from microflack_messages.web_push.keys import ServerKey
from microflack_messages.web_push.worker import WebPushWorker


def init_app(app: Flask) -> None:
    """Have ``app`` tell browsers of messages, if it has a key to do so."""
    secret = app.config["WEB_PUSH_KEY"]
    key = ServerKey(secret) if secret else None
    app.extensions["microflack_web_push_key"] = key
    # Of rooms by their ids, whether they are direct: that never changes.
    app.extensions["microflack_direct_rooms"] = {} if key else None
    app.extensions["microflack_web_push_worker"] = None
    if key is None:
        return
    blocked.init_app(app)
    delivery = Delivery(key, local=app.config["WEB_PUSH_LOCAL"])
    worker = WebPushWorker(app, delivery)
    app.extensions["microflack_web_push_worker"] = worker
    periodically(app, worker.looks)
    before_answers(app, worker.flush)
    sessions.init_app(app)
