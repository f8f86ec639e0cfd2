"""Invitations: codes by which people register, a number of times, until some day."""

import secrets
from typing import Any

from sqlalchemy import BigInteger, String, delete, false, select, update
from sqlalchemy.orm import Mapped, mapped_column

from microflack_users.models import db, now

LIFETIME_SECONDS = 7 * 86400
MAX_LIFETIME_SECONDS = 365 * 86400
MAX_USES = 10_000
# 128 random bits.
CODE_BYTES = 16
# So long it is told why one is not good any more.
REMEMBERED_SECONDS = 30 * 86400

MISSING = "Give the code of an invitation: this place is for members only."
UNKNOWN = "There is no such invitation."
EXPIRED = "The invitation has expired."
USED_UP = "The invitation has been used up."
WITHDRAWN = "The invitation has been withdrawn."

Code = String(64).with_variant(String(64, collation="utf8mb4_bin"), "mysql")


class Invitation(db.Model):  # type: ignore[name-defined]
    """An invitation. Times are Unix seconds."""

    __tablename__ = "invitations"

    code: Mapped[str] = mapped_column(Code, primary_key=True)
    created_at: Mapped[int] = mapped_column(BigInteger)
    # The administrator who made it; None: the operator.
    created_by: Mapped[int | None]
    expires_at: Mapped[int] = mapped_column(BigInteger)
    uses_left: Mapped[int]
    # Whether who registers with it is an administrator.
    admin: Mapped[bool] = mapped_column(server_default=false())
    withdrawn: Mapped[bool] = mapped_column(server_default=false())

    def reason(self) -> str | None:
        """Say why it is not good any more, if it is not."""
        if self.withdrawn:
            return WITHDRAWN
        if self.uses_left < 1:
            return USED_UP
        return EXPIRED if self.expires_at <= now() else None

    def to_dict(self, base_url: str) -> dict[str, Any]:
        """Return it as the API shows it.

        :param base_url: the address of the page, with a final slash.
        """
        return {
            "code": self.code,
            # After "#": it comes into no server's log.
            "url": f"{base_url}#invitation={self.code}",
            "expires_at": self.expires_at,
            "uses_left": self.uses_left,
            "admin": self.admin,
        }


def make(by: int | None, lifetime: int, uses: int, admin: bool) -> Invitation:
    """Store and return a new invitation; those of long ago are forgotten."""
    old = Invitation.expires_at < now() - REMEMBERED_SECONDS
    db.session.execute(delete(Invitation).where(old))
    invitation = Invitation(
        code=secrets.token_urlsafe(CODE_BYTES),
        created_at=now(),
        created_by=by,
        expires_at=now() + lifetime,
        uses_left=uses,
        admin=admin,
        withdrawn=False,
    )
    db.session.add(invitation)
    db.session.commit()
    return invitation


def usable() -> list[Invitation]:
    """Return those that can still be used, the newest first."""
    query = select(Invitation).where(_good()).order_by(Invitation.created_at.desc())
    return list(db.session.scalars(query))


def made_by(user_id: int) -> list[Invitation]:
    """Return those that an administrator has made, as far as they are remembered."""
    query = select(Invitation).where(Invitation.created_by == user_id)
    return list(db.session.scalars(query.order_by(Invitation.created_at)))


def find(code: str) -> Invitation | None:
    """Return an invitation, good or not."""
    return db.session.get(Invitation, code, populate_existing=True)


def use(code: str) -> bool:
    """Use an invitation once, in this transaction; False if it is not good any more.

    Of several who come for the last use one gets it: the others wait for its commit.
    """
    fewer = update(Invitation).where(Invitation.code == code, _good())
    done = db.session.execute(fewer.values(uses_left=Invitation.uses_left - 1))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def withdraw(code: str) -> bool:
    """Let an invitation be used no more; False if there is none."""
    known = update(Invitation).where(Invitation.code == code).values(withdrawn=True)
    found = db.session.execute(known)
    db.session.commit()
    return bool(found.rowcount)  # type: ignore[attr-defined]


def _good() -> Any:
    return (
        Invitation.withdrawn.is_(False)
        & (Invitation.uses_left > 0)
        & (Invitation.expires_at > now())
    )
