"""Give the list of users a version, which changes with every row.

Triggers change it in the transaction of the change, whoever makes that: the releases
before this one, which run beside it and know nothing of a version, and people who write
SQL. So nothing else has to be read while they run, and nothing ends when they are gone.

On SQLite a migration that copies the table has to make the triggers again.
"""

import time

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

EVENTS = ("insert", "update", "delete")
# Never one that there was before, even where a backup is restored.
NEW_VERSION = {"mysql": "UUID()", "sqlite": "HEX(RANDOMBLOB(16))"}
# MariaDB: a lock cannot be had at once.
LOCKED = 1205
TRY_SECONDS, PAUSE_SECONDS = 10.0, 0.01
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
        _in_a_free_moment(f"DROP TRIGGER IF EXISTS users_version_{event}")
        _in_a_free_moment(
            f"CREATE TRIGGER users_version_{event} AFTER {event} ON users {body}"
        )
    # What was changed before the triggers were there.
    op.execute(change)


def _in_a_free_moment(sql: str) -> None:
    """Change the table when nobody has a transaction that has used it.

    Who waits for that is in the way of all who have read and go on to write: MariaDB
    calls it a deadlock, and ends their transactions. So it is waited for only where the
    moment does not come.
    """
    end = time.monotonic() + TRY_SECONDS
    while getattr(op.get_bind().dialect, "is_mariadb", False):
        try:
            op.execute(f"SET STATEMENT lock_wait_timeout = 0 FOR {sql}")
        except sa.exc.OperationalError as error:
            if error.orig.args[0] != LOCKED:
                raise
        else:
            return
        if time.monotonic() > end:
            break
        time.sleep(PAUSE_SECONDS)
    op.execute(sql)


def downgrade() -> None:
    """Take the change back."""
    for event in EVENTS:
        op.execute(f"DROP TRIGGER users_version_{event}")
    op.drop_table("users_version")
