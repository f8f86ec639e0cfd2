"""What rooms are, who is in them, and how each of those sees them.

Who may do what with them is in ``permissions``.
"""

from sqlalchemy import BigInteger, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from microflack_messages.orm import db

# The room that everybody is in; requests that name no room mean it.
EVERYONE = 1
# Kinds of rooms, and what is left of one.
PUBLIC, PRIVATE, DIRECT = "public", "private", "direct"
DELETED, REMOVED = "deleted", "removed"
OWNER, MEMBER = "owner", "member"


class Room(db.Model):  # type: ignore[name-defined]
    """A room. Its row is locked by whoever changes something in it, to the commit."""

    __tablename__ = "rooms"
    __table_args__ = (
        Index("ix_rooms_kind", "kind"),
        Index("uq_rooms_direct_key", "direct_key", unique=True),
        {"mysql_default_charset": "utf8mb4"},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    # public, private or direct. What is left of a room whose messages are still to be
    # removed is ``DELETED``, then ``REMOVED``: no id is given twice, since clients and
    # the queue know numbers of the room that had it.
    kind: Mapped[str] = mapped_column(String(16))
    # The number of the last change of something in it.
    last_change: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[int] = mapped_column(BigInteger)
    updated_at: Mapped[int] = mapped_column(BigInteger)
    topic: Mapped[str] = mapped_column(String(500), server_default="")
    archived: Mapped[bool] = mapped_column(server_default=false())
    # Of a direct room: who is in it, such as "3,7".
    direct_key: Mapped[str | None] = mapped_column(String(120))
    # Raised by every change of the room itself, and of who is in it.
    version: Mapped[int] = mapped_column(BigInteger, server_default="0")
    # How many are in it. Of ``EVERYONE`` it says nothing.
    members: Mapped[int] = mapped_column(server_default="0")


class RoomMember(db.Model):  # type: ignore[name-defined]
    """That somebody is in a room, and how that person sees it.

    In ``EVERYONE`` everybody is; a row there only says how a person sees it.
    """

    __tablename__ = "room_members"
    __table_args__ = (Index("ix_room_members_user_id", "user_id", "room_id"),)

    room_id: Mapped[int] = mapped_column(ForeignKey(Room.id), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    # owner or member
    role: Mapped[str] = mapped_column(String(8), server_default="member")
    joined_at: Mapped[int] = mapped_column(BigInteger, server_default="0")
    # The version of the room by then: it orders those who came in the same second.
    joined_version: Mapped[int] = mapped_column(BigInteger, server_default="0")
    # The id of the last message that was read.
    read_up_to: Mapped[int] = mapped_column(server_default="0")
    # all, mentions or none
    notify: Mapped[str] = mapped_column(String(8), server_default="all")


class RoomView(db.Model):  # type: ignore[name-defined]
    """The version of how a person sees the rooms: another one with every change of it.

    Such as: which ones the person is in, and what was read there.
    """

    __tablename__ = "room_views"

    user_id: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False
    )
    version: Mapped[str] = mapped_column(String(32))


class PendingNews(db.Model):  # type: ignore[name-defined]
    """That somebody is to hear of having come into a room, or not being in it any more.

    Stored together with that, so that no crash forgets it: whoever does not hear it may
    go on hearing what is said there.
    """

    __tablename__ = "pending_news"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    room_id: Mapped[int] = mapped_column()
    user_id: Mapped[int] = mapped_column(BigInteger)
    since: Mapped[int] = mapped_column(BigInteger)
