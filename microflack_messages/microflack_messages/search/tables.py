"""The tables of the search."""

from sqlalchemy import BigInteger, LargeBinary, text
from sqlalchemy.dialects.mysql import VARBINARY
from sqlalchemy.orm import Mapped, mapped_column

from microflack_messages.models import db
from microflack_messages.search.bitmaps import BLOCK_SIZE
from microflack_messages.search.terms import MAX_TERM_BYTES

# In ``SearchProgress`` it stands for no room: who writes postings locks its row.
LOCK = 0


def _bytes(length: int) -> LargeBinary:
    return LargeBinary().with_variant(VARBINARY(length), "mysql")  # type: ignore[return-value]


class SearchPosting(db.Model):  # type: ignore[name-defined]
    """Which messages of a block have a term.

    Others may be among them, which had it once: what is found is compared.
    """

    __tablename__ = "search_postings"

    block: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    term: Mapped[bytes] = mapped_column(_bytes(MAX_TERM_BYTES), primary_key=True)
    bits: Mapped[bytes] = mapped_column(_bytes(BLOCK_SIZE // 8))


class SearchProgress(db.Model):  # type: ignore[name-defined]
    """Up to which change number a room's messages are in the index."""

    __tablename__ = "search_progress"

    room_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    change: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
