"""Give the list of users a version, which changes with every row.

Triggers change it in the transaction of the change, whoever makes that: the releases
before this one, which run beside it and know nothing of a version, and people who write
SQL. So nothing else has to be read while they run, and nothing ends when they are gone.

On SQLite a migration that copies the table has to make the triggers again.
"""

import sqlalchemy as sa
from alembic import op

from microflack_common import free_moment

revision = "0003"
down_revision = "0002"

EVENTS = ("insert", "update", "delete")
# Never one that there was before, even where a backup is restored.
NEW_VERSION = {"mysql": "UUID()", "sqlite": "HEX(RANDOMBLOB(16))"}
UPDATE = "UPDATE users_version SET version = {} WHERE id = 1"


def upgrade() -> None:
    """Apply the change."""
    connection = op.get_bind()
    dialect = connection.dialect.name
    op.create_table(
        "users_version",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("version", sa.String(36), nullable=False),
        if_not_exists=True,
    )
    versions = sa.table("users_version", sa.column("id"), sa.column("version"))
    if connection.scalar(sa.select(versions.c.id)) is None:
        connection.execute(sa.insert(versions).values(id=1, version=""))
    change = UPDATE.format(NEW_VERSION[dialect])
    body = f"FOR EACH ROW {change}" if dialect == "mysql" else f"BEGIN {change}; END"
    for event in EVENTS:
        # MariaDB keeps what a migration that was cut short has made.
        # older code bears it: it is made again
        free_moment.execute(f"DROP TRIGGER IF EXISTS users_version_{event}")
        free_moment.execute(
            f"CREATE TRIGGER users_version_{event} AFTER {event} ON users {body}"
        )
    # What was changed before the triggers were there.
    op.execute(change)


def downgrade() -> None:
    """Take the change back."""
    for event in EVENTS:
        op.execute(f"DROP TRIGGER users_version_{event}")
    op.drop_table("users_version")
