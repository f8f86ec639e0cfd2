"""Who is an administrator and who is deactivated: here is the truth, and its changes.

All services look that up in the registry (``microflack_common.rights``), where it is
written in the order of the commits: changes are made one at a time.
"""

from flask import Flask, current_app
from sqlalchemy import BigInteger, String, event, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from microflack_common.errors import ServiceUnavailable
from microflack_common.registry import RegistryError
from microflack_common.republished_keys import RepublishedKeys
from microflack_common.revocation import Revocations
from microflack_common.rights import Rights
from microflack_users.models import User, db, now
from microflack_users.refusals import bad_field

LAST_ADMIN = "The last administrator stays one. Make somebody else one first."
# What a session remembers that has told the registry of roles.
TOLD = "told of roles"
DELETED = "This account was deleted by its owner."


class Guard(db.Model):  # type: ignore[name-defined]
    """A row that is locked by whoever does what only one may do at a time."""

    __tablename__ = "guards"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    turn: Mapped[int] = mapped_column(BigInteger)


def one_at_a_time() -> None:
    """Wait until nobody else changes roles, to the end of this transaction."""
    turn = update(Guard).where(Guard.name == "roles").values(turn=Guard.turn + 1)
    db.session.execute(turn)


def change(user: User, admin: bool | None, deactivated: bool | None) -> None:
    """Change what is not None, in this transaction.

    Ends the request with 400 where nobody would be an administrator any more, and with
    503 where the registry is away.
    """
    one_at_a_time()
    db.session.refresh(user)
    if user.deleted_at is not None and (admin or deactivated is False):
        bad_field("admin" if admin else "deactivated", DELETED)
    had_power = user.admin and not user.deactivated
    user.admin = user.admin if admin is None else admin
    user.deactivated = user.deactivated if deactivated is None else deactivated
    user.online = user.online and not user.deactivated
    user.updated_at = now()
    if had_power and not (user.admin and not user.deactivated):
        keep_an_admin(user, "admin" if admin is False else "deactivated")
    publish(user)


def keep_an_admin(user: User, field: str) -> None:
    """End the request with 400 if nobody but this user is an administrator."""
    others = User.admin.is_(True) & User.deactivated.is_(False) & (User.id != user.id)
    with db.session.no_autoflush:
        count = db.session.scalar(select(func.count()).where(others))
    if not count:
        bad_field(field, LAST_ADMIN)


def publish(user: User) -> None:
    """Tell all services what a user is, before that is committed.

    It has to be this one's turn. Ends the request with 503 if the registry is away.
    """
    try:
        _rights().write(user.id, admin=user.admin, deactivated=user.deactivated)
        db.session().info[TOLD] = True
    except RegistryError as error:
        db.session.rollback()
        again: RepublishedKeys = current_app.extensions["microflack_republished_rights"]
        again.write_again()
        raise ServiceUnavailable(
            "The registry is away, so nothing was changed. Try again shortly."
        ) from error


@event.listens_for(db.session, "after_rollback")
def _correct(session: Session) -> None:
    """Have the truth written soon where what was told is not committed after all."""
    if session.info.pop(TOLD, False):
        again: RepublishedKeys = current_app.extensions["microflack_republished_rights"]
        again.write_again()


@event.listens_for(db.session, "after_commit")
def _confirm(session: Session) -> None:
    session.info.pop(TOLD, None)


def write_all() -> None:
    """Write into the registry who is what, whatever it said before."""
    one_at_a_time()
    special = or_(User.admin.is_(True), User.deactivated.is_(True))
    columns = (User.id, User.admin, User.deactivated)
    found = {
        user.id: user for user in db.session.execute(select(*columns).where(special))
    }
    rights = _rights()
    for user_id in _written(rights) - found.keys():
        rights.write(user_id, admin=False, deactivated=False)
    for user in found.values():
        rights.write(user.id, admin=user.admin, deactivated=user.deactivated)
    db.session.commit()


def _written(rights: Rights) -> set[int]:
    ids = (key.removeprefix("users/") for key in tuple(rights.keys.values))
    return {int(user_id) for user_id in ids if user_id.isdecimal()}


def _rights() -> Rights:
    revocations: Revocations = current_app.extensions["microflack_revocations"]
    return revocations.rights


def init_app(app: Flask, revocations: Revocations) -> RepublishedKeys:
    """Have ``app`` write all roles at its start, and when the registry lost them."""
    republished = RepublishedKeys(revocations.rights.keys, write_all)
    app.extensions["microflack_republished_rights"] = republished
    republished.init_app(app)
    return republished
