"""End the sessions of a user, which the tokens service keeps.

That is noted in the transaction of what is the reason for it, and done after its
commit: at once, or as soon as that service answers.
"""

import logging

from flask import Flask, current_app
from sqlalchemy import BigInteger, String, delete, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from microflack_common import service_tokens
from microflack_common.auth import current_claims
from microflack_common.errors import ServiceUnavailable
from microflack_common.http import Client
from microflack_common.outage import Outage
from microflack_common.tokens import issue_token
from microflack_common.within_requests import periodically
from microflack_common.workers import PeriodicTask
from microflack_users.models import db, now

logger = logging.getLogger(__name__)

PATH = "/api/tokens/users"
TOKEN_LIFETIME_SECONDS = 60
# Whoever has noted one may be at it for so long.
RETRY_AFTER_SECONDS = 5
LOOK_PERIOD_SECONDS = 2.0
# To connect, and to answer: whoever changes a password waits for it.
TIMEOUTS_SECONDS = (2.0, 5.0)
# Releases of the tokens service that keep no sessions do not know the path.
NO_SESSIONS = (404, 405)


class PendingSignOut(db.Model):  # type: ignore[name-defined]
    """That the sessions of a user are to be ended."""

    __tablename__ = "pending_sign_outs"

    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[int] = mapped_column(BigInteger)
    # The id of a session, or of a token without one, that goes on.
    spared: Mapped[str | None] = mapped_column(String(128))


def note(user_id: int, spared: str | None = None) -> None:
    """Have all sessions of a user ended when this transaction is committed.

    Nothing is noted where the service runs alone.
    """
    if current_app.extensions["microflack_services"]:
        pending = PendingSignOut(user_id=user_id, since=now(), spared=spared)
        db.session.merge(pending)


def end(user_id: int) -> bool:
    """End what was noted, now if possible.

    False: it has to be done later, or the tokens service is of a release that keeps no
    sessions, and cannot do it at all.
    """
    pending = db.session.get(PendingSignOut, user_id)
    if pending is None:
        return True
    try:
        status = _ask(pending)
    except ServiceUnavailable as error:
        logger.warning("The sessions of user %d end later: %s", user_id, error)
        return False
    # What was noted anew meanwhile stays.
    same = PendingSignOut.user_id == user_id, PendingSignOut.since == pending.since
    db.session.execute(delete(PendingSignOut).where(*same))
    db.session.commit()
    return status not in NO_SESSIONS


def current() -> str | None:
    """Return the id of the session, or token, that the request came with."""
    claims = current_claims()
    return (claims.session_id or claims.token_id) if claims else None


def _ask(pending: PendingSignOut) -> int:
    services: Client = current_app.extensions["microflack_services"]
    if service_tokens.are_possible():
        token = service_tokens.issue_service_token(pending.user_id)
    else:
        token = issue_token(pending.user_id, TOKEN_LIFETIME_SECONDS)
    spare = {"except": pending.spared} if pending.spared else {}
    path = f"{PATH}/{pending.user_id}"
    headers = {"Authorization": f"Bearer {token}"}
    answer = services.delete(path, params=spare, headers=headers)
    if not answer.ok and answer.status_code not in NO_SESSIONS:
        raise ServiceUnavailable(f"{path} answers {answer.status_code}.")
    return answer.status_code


def init_app(app: Flask) -> None:
    """Have ``app`` end what could not be ended at once."""
    address = app.config["LB"]
    client = Client(address, TIMEOUTS_SECONDS) if address else None
    app.extensions["microflack_services"] = client
    if not client:
        return

    def look() -> None:
        with app.app_context():
            old = PendingSignOut.since <= now() - RETRY_AFTER_SECONDS
            for user_id in db.session.scalars(
                select(PendingSignOut.user_id).where(old)
            ):
                end(user_id)

    outage = Outage("Sessions wait", "Sessions are ended", SQLAlchemyError)
    task = PeriodicTask("sign-outs", look, LOOK_PERIOD_SECONDS, outage, jitter=0.5)
    app.extensions["microflack_sign_outs"] = task
    periodically(app, task)
