"""The UI service as a Flask application."""

from flask import Flask

from microflack_common import errors, health, logs, traces
from microflack_ui import routes
from microflack_ui.config import Config


def create_app(config: object | None = None) -> Flask:
    """Return the application; ``config`` takes the place of ``Config``."""
    # routes.py serves the files: Flask's own ETags differ from instance to instance.
    app = Flask("microflack_ui", static_folder=None)
    app.config.from_object(config or Config)
    logs.init_app(app)
    traces.init_app(app)
    errors.init_app(app)
    # Nothing to check: the service needs only its own files.
    health.init_app(app, {})
    routes.init_app(app)
    return app
