"""List the sessions of a user."""

import time
from typing import Any

from sqlalchemy import Row, select

from microflack_tokens.models import Session, db
from microflack_tokens.sessions import IDLE_SECONDS, last_cut_of

# So many are listed, the ones that were used last.
LIST_LIMIT = 500


def of_user(user_id: int) -> list[Row[Any]]:
    """Return the sessions of a user that go on, the one that was used last first."""
    now = time.time()
    query = (
        select(*Session.__table__.columns)
        .where(Session.user_id == user_id)
        .order_by(Session.last_used_at.desc(), Session.id)
        .limit(LIST_LIMIT)
    )
    last = last_cut_of(user_id)
    with db.engine.connect() as connection:
        rows = connection.execute(query).all()
    return [
        row
        for row in rows
        if row.generation >= last and row.last_used_at + IDLE_SECONDS > now
    ]
