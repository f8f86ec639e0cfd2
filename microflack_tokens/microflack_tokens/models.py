"""Sessions, and what ended them."""

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Double, Index, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The base of the service's models."""


db = SQLAlchemy(model_class=Base)

# Compares by code point on every database.
Exact = String(128).with_variant(String(128, collation="utf8mb4_bin"), "mysql")
# The only row of the counter.
COUNTER_ID = 1
# Kinds of what was ended.
TOKEN = "token"
SESSION = "session"


class Session(db.Model):  # type: ignore[name-defined]
    """What a sign-in began. Times are Unix seconds.

    ``number`` is that of the newest refresh token, of which ``secret_hash`` is kept,
    made at ``renewed_at``; ``chain_key`` leads from one to the next. ``generation`` is
    the number of the last cut when the user signed in. ``token_id`` is the id of the
    access token that came with the newest refresh token.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        Index("ix_sessions_user_id", "user_id"),
        Index("ix_sessions_last_used_at", "last_used_at"),
    )

    id: Mapped[str] = mapped_column(Exact, primary_key=True)
    user_id: Mapped[int]
    created_at: Mapped[int] = mapped_column(BigInteger)
    last_used_at: Mapped[int] = mapped_column(BigInteger)
    agent: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(64))
    generation: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int]
    secret_hash: Mapped[str] = mapped_column(String(64))
    chain_key: Mapped[str] = mapped_column(String(64))
    renewed_at: Mapped[float] = mapped_column(Double)
    token_id: Mapped[str] = mapped_column(Exact)
    token_issued_at: Mapped[int] = mapped_column(BigInteger)


class Ended(db.Model):  # type: ignore[name-defined]
    """A token or a session that was ended, until its last token has expired."""

    __tablename__ = "ended"

    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    id: Mapped[str] = mapped_column(Exact, primary_key=True)
    user_id: Mapped[int]
    until: Mapped[int] = mapped_column(BigInteger)


class StoredCut(db.Model):  # type: ignore[name-defined]
    """The end of all tokens from before, of a user or of everybody (no user)."""

    __tablename__ = "cuts"

    number: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False
    )
    user_id: Mapped[int | None]
    at: Mapped[int] = mapped_column(BigInteger)
    spared: Mapped[str] = mapped_column(Exact)


class CutCounter(db.Model):  # type: ignore[name-defined]
    """The number of the last cut. Who takes the next one locks it to the commit."""

    __tablename__ = "cut_counter"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(BigInteger)
