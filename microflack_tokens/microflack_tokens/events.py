"""What happens beside the requests: what has expired is deleted."""

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from microflack_common.outage import Outage
from microflack_common.within_requests import periodically
from microflack_common.workers import PeriodicTask
from microflack_tokens import endings, sessions

PERIOD_SECONDS = 600.0


def init_app(app: Flask) -> None:
    """Have ``app`` delete what has expired, now and then."""
    outage = Outage("Old sessions stay", "Old sessions are deleted", SQLAlchemyError)

    def forget() -> None:
        with app.app_context():
            sessions.forget_idle()
            endings.forget()

    # With jitter: not all instances at once.
    task = PeriodicTask("forget", forget, PERIOD_SECONDS, outage, jitter=0.5)
    periodically(app, task)
