"""Tell through the registry what was ended: every instance of every service hears it.

What could not be told is told as soon as the registry is there, by whoever is left:
nothing that was ended comes back.
"""

import time
from collections.abc import Callable
from typing import NamedTuple

from flask import Flask, current_app
from sqlalchemy import select

from microflack_common.errors import ServiceUnavailable
from microflack_common.registry import RegistryError
from microflack_common.republished_keys import RepublishedKeys
from microflack_common.revocation import Cut, Revocations
from microflack_common.tokens import LIFETIME_SECONDS
from microflack_tokens.models import TOKEN, Ended, StoredCut, db

NOT_TOLD = (
    "It has been ended, but not everywhere yet: the registry is away. It will be as "
    "soon as the registry is back."
)


class Newest(NamedTuple):
    """The newest access token of a session that was ended, and when it expires."""

    token_id: str
    expires_at: int


def init_app(app: Flask, revocations: Revocations) -> RepublishedKeys:
    """Have ``app`` tell all that was ended at its start and whenever it is lost."""
    revocations.expect_complete()
    republished = RepublishedKeys(revocations.keys, _tell_all)
    republished.init_app(app)
    app.extensions["microflack_telling"] = republished
    return republished


def tell_token(token_id: str, expires_at: int) -> None:
    """Tell that a token was ended.

    Raises ServiceUnavailable if that is not possible yet, as all of these do.
    """
    _tell(lambda to: to.revoke_token(token_id, expires_at))


def tell_session(session_id: str, until: int, newest: Newest | None) -> None:
    """Tell that a session was ended, whose last token expires at ``until``."""
    _tell(lambda to: to.end_session(session_id, until))
    if newest and newest.token_id:
        # For services that know nothing of sessions.
        tell_token(*newest)


def tell_cut(cut: Cut, user_id: int | None) -> None:
    """Tell that all of a user or, without one, of everybody was ended."""
    _tell(lambda to: to.end_all(cut, user_id, cut.at + LIFETIME_SECONDS))


def _tell(call: Callable[[Revocations], None]) -> None:
    try:
        call(_revocations())
    except RegistryError as error:
        current_app.extensions["microflack_telling"].write_again()
        raise ServiceUnavailable(NOT_TOLD) from error


def _tell_all() -> None:
    now, to = int(time.time()), _revocations()
    ended = select(Ended.kind, Ended.id, Ended.until).where(Ended.until > now)
    cuts = select(*StoredCut.__table__.columns).where(
        StoredCut.at > now - LIFETIME_SECONDS
    )
    with db.engine.connect() as connection:
        for kind, what, until in connection.execute(ended).all():
            tell = to.revoke_token if kind == TOKEN else to.end_session
            tell(what, until)
        for row in connection.execute(cuts).all():
            cut = Cut(row.number, row.at, row.spared)
            to.end_all(cut, row.user_id, row.at + LIFETIME_SECONDS)


def _revocations() -> Revocations:
    revocations: Revocations = current_app.extensions["microflack_revocations"]
    return revocations
