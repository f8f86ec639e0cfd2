"""Pictures of people: small squares, which the database keeps."""

import tempfile
from base64 import b64encode
from contextlib import ExitStack
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any

from flask import abort
from sqlalchemy import LargeBinary, delete, select
from sqlalchemy.dialects.mysql import MEDIUMBLOB
from sqlalchemy.orm import Mapped, mapped_column

from microflack_common import multipart
from microflack_common.picture_runner import TooManyPixels, run
from microflack_users.models import User, db, now
from microflack_users.refusals import bad_field

PART = "picture"
MAX_BYTES = 1_048_576
# With what a client says about it, and other parts that nobody asked for.
MAX_BODY_BYTES = MAX_BYTES + 16 * 1024
MEDIA_TYPE = "image/webp"
# One looks into it for a second or two: so many at once, and one in a minute.
WHAT, AT_ONCE, PER_SECOND = "pictures", 10, 1 / 60
PROCESS = "microflack_users.picture_process"
FOLDER = Path(__file__).parents[1]
NO_PICTURE = "This is no PNG, JPEG, GIF, WebP or AVIF: choose another picture."


class Picture(db.Model):  # type: ignore[name-defined]
    """The picture of a user, as it is given out."""

    __tablename__ = "pictures"

    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(
        LargeBinary().with_variant(MEDIUMBLOB(), "mysql")
    )


def receive() -> bytes:
    """Return the picture of this request, small; end it for what is none."""
    with ExitStack() as opened:

        def new_file(**_about: Any) -> IO[bytes]:
            return opened.enter_context(tempfile.TemporaryFile())

        source = multipart.read_part(PART, MAX_BYTES, new_file).stream
        small = new_file()
        try:
            said = run(PROCESS, FOLDER, [], [source, small])
        except TooManyPixels as error:
            bad_field(PART, str(error))
        if "done" not in said:
            bad_field(PART, NO_PICTURE)
        small.seek(0)
        return small.read()


def keep(user_id: int, content: bytes) -> None:
    """Give somebody this picture; end the request if the account is gone."""
    user = _locked(user_id)
    db.session.merge(Picture(user_id=user_id, content=content))
    _name(user, blake2b(content, digest_size=8).hexdigest())
    db.session.commit()


def remove(user_id: int) -> None:
    """Have somebody be without a picture; end the request if the account is gone."""
    user = _locked(user_id)
    forget(user)
    db.session.commit()


def forget(user: User) -> None:
    """Remove the picture of somebody, in this transaction."""
    db.session.execute(delete(Picture).where(Picture.user_id == user.id))
    _name(user, None)


def find(user_id: int) -> tuple[str, bytes] | None:
    """Return how the picture of somebody is named, and the picture; or None."""
    query = (
        select(User.picture, Picture.content)
        .join(Picture, Picture.user_id == User.id)
        .where(User.id == user_id, User.deleted_at.is_(None), User.picture.is_not(None))
    )
    row = db.session.execute(query).one_or_none()
    return (row.picture, row.content) if row else None


def as_url(user_id: int) -> str | None:
    """Return the picture of somebody as a URL that has all of it (RFC 2397)."""
    found = find(user_id)
    content = b64encode(found[1]).decode() if found else ""
    return f"data:{MEDIA_TYPE};base64,{content}" if found else None


def _locked(user_id: int) -> User:
    query = select(User).where(User.id == user_id, User.deleted_at.is_(None))
    user: User | None = db.session.scalar(query.with_for_update())
    if user is None:
        abort(404, f"There is no user {user_id}.")
    return user


def _name(user: User, name: str | None) -> None:
    if user.picture != name:
        user.picture = name
        user.updated_at = now()
