"""What browsers have subscribed to, and what is yet to be pushed to them."""

from sqlalchemy import BigInteger, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from microflack_messages.orm import db

MAX_ENDPOINT_LENGTH = 1000
# Ids of sessions: they compare by code point on every database.
SessionId = String(128).with_variant(String(128, collation="utf8mb4_bin"), "mysql")


class PushSubscription(db.Model):  # type: ignore[name-defined]
    """Where one browser wants to be told, for as long as its session lasts.

    A session has one, and what a browser has subscribed to belongs to one session.
    Times are Unix seconds.
    """

    __tablename__ = "push_subscriptions"
    __table_args__ = (
        UniqueConstraint("session_id", name="uq_push_subscriptions_session_id"),
        UniqueConstraint("digest", name="uq_push_subscriptions_digest"),
        Index("ix_push_subscriptions_user_id", "user_id"),
        {"mysql_default_charset": "utf8mb4"},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    # What its token said of the session, by which it is known whether that has ended.
    session_id: Mapped[str] = mapped_column(SessionId)
    generation: Mapped[int] = mapped_column(BigInteger)
    # SHA-256 of endpoint and keys. Who knows all of them is this browser.
    digest: Mapped[str] = mapped_column(String(64))
    # Whoever has this URL can send something there: it stands in no log.
    endpoint: Mapped[str] = mapped_column(String(MAX_ENDPOINT_LENGTH))
    p256dh: Mapped[str] = mapped_column(String(100))
    auth: Mapped[str] = mapped_column(String(30))
    # The host of the page, which tells push services who sends.
    site: Mapped[str] = mapped_column(String(255))
    wants_text: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[int] = mapped_column(BigInteger)
    # When its page was open last.
    renewed_at: Mapped[int] = mapped_column(BigInteger)
    # When it was known last that the session had not ended.
    checked_at: Mapped[int] = mapped_column(BigInteger)
    # It is sent nothing before: an instance is sending, or it did not answer.
    next_at: Mapped[int] = mapped_column(BigInteger)
    # How many attempts in a row have failed.
    failures: Mapped[int] = mapped_column()


class Push(db.Model):  # type: ignore[name-defined]
    """That a message calls for somebody, or that a subscription is to be told of it.

    The first is stored together with the message, so that no crash forgets it.
    """

    __tablename__ = "pushes"
    __table_args__ = (
        Index("ix_pushes_due_at", "due_at"),
        Index("ix_pushes_subscription_id", "subscription_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column()
    # None as long as it is not settled who is told.
    subscription_id: Mapped[int | None] = mapped_column()
    # Unix seconds
    due_at: Mapped[int] = mapped_column(BigInteger)
    # JSON: whom of those it may call whom the message mentions; None: all of them.
    user_ids: Mapped[str | None] = mapped_column(Text)
    # Whether an edit calls them, who may have read the message before.
    edited: Mapped[bool] = mapped_column(server_default=false())
