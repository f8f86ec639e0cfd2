"""Leave alembic_version as releases 1 to 6 know it.

Releases 1 to 3 do not start on a database with a revision that they do not know. So
later ones keep their revision in another table (``models.REVISION_TABLE``), and here
the old one says 0001 for good. Release 1 is the oldest that may run beside release 7.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

KNOWN_TO_THE_FIRST = "0001"


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "alembic_version",
        sa.Column("version_num", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
        if_not_exists=True,
    )
    version = sa.table("alembic_version", sa.column("version_num"))
    connection = op.get_bind()
    if connection.scalar(sa.select(version.c.version_num)) is None:
        connection.execute(sa.insert(version).values(version_num=KNOWN_TO_THE_FIRST))


def downgrade() -> None:
    """Take the change back: the row is that of the releases before."""
