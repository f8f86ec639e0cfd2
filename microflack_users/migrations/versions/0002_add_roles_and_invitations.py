"""Add roles, claims of nicknames, invitations, resets and what is to be signed out.

Earlier releases insert rows that know nothing of the new columns. For them
alembic_version says 0001 for good: releases 1 to 3 do not start with another one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

KNOWN_TO_THE_FIRST = "0001"
Code = sa.String(64).with_variant(sa.String(64, collation="utf8mb4_bin"), "mysql")
TABLES = ("name_claims", "invitations", "resets", "pending_sign_outs", "guards")


def upgrade() -> None:
    """Apply the change."""
    _add_columns()
    _create_tables()
    _keep_revision_of_the_first()


def _add_columns() -> None:
    # MariaDB keeps what a migration that was cut short has made.
    found = {c["name"] for c in sa.inspect(op.get_bind()).get_columns("users")}
    for column in (
        sa.Column("admin", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column(
            "deactivated", sa.Boolean(), nullable=False, server_default=sa.false()
        ),
        sa.Column("deleted_at", sa.BigInteger()),
    ):
        if column.name not in found:
            op.add_column("users", column)
    indexes = {i["name"] for i in sa.inspect(op.get_bind()).get_indexes("users")}
    if "ix_users_admin" not in indexes:
        op.create_index("ix_users_admin", "users", ["admin"])


def _create_tables() -> None:
    ids = {"nullable": False, "autoincrement": False}
    op.create_table(
        "name_claims",
        sa.Column("look", sa.String(32), nullable=False),
        # An index of its own in the table: it is made with it, or not at all.
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("free_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("look"),
        sa.Index("ix_name_claims_user_id", "user_id"),
        if_not_exists=True,
    )
    op.create_table(
        "invitations",
        sa.Column("code", Code, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Integer()),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("admin", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("withdrawn", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("code"),
        mysql_charset="utf8mb4",
        if_not_exists=True,
    )
    op.create_table(
        "resets",
        sa.Column("user_id", sa.Integer(), **ids),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id"),
        sa.UniqueConstraint("code_hash"),
        if_not_exists=True,
    )
    op.create_table(
        "pending_sign_outs",
        sa.Column("user_id", sa.Integer(), **ids),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("spared", sa.String(128)),
        sa.PrimaryKeyConstraint("user_id"),
        if_not_exists=True,
    )
    op.create_table(
        "guards",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        if_not_exists=True,
    )
    guards = sa.table("guards", sa.column("name"), sa.column("turn"))
    if op.get_bind().scalar(sa.select(guards.c.name)) is None:
        op.get_bind().execute(sa.insert(guards).values(name="roles", turn=0))


def _keep_revision_of_the_first() -> None:
    op.create_table(
        "alembic_version",
        sa.Column("version_num", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
        if_not_exists=True,
    )
    version = sa.table("alembic_version", sa.column("version_num"))
    if op.get_bind().scalar(sa.select(version.c.version_num)) is None:
        row = sa.insert(version).values(version_num=KNOWN_TO_THE_FIRST)
        op.get_bind().execute(row)


def downgrade() -> None:
    """Take the change back."""
    for table in TABLES:
        op.drop_table(table)
    op.drop_index("ix_users_admin", "users")
    for column in ("admin", "deactivated", "deleted_at"):
        op.drop_column("users", column)
