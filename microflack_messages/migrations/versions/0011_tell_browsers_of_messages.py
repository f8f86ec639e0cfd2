"""Create what browsers have subscribed to, and what is yet to be pushed to them.

Releases before this one see nothing of it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

SESSION_ID = sa.String(128).with_variant(
    sa.String(128, collation="utf8mb4_bin"), "mysql"
)


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "push_subscriptions",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("session_id", SESSION_ID, nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("endpoint", sa.String(1000), nullable=False),
        sa.Column("p256dh", sa.String(100), nullable=False),
        sa.Column("auth", sa.String(30), nullable=False),
        sa.Column("site", sa.String(255), nullable=False),
        sa.Column(
            "wants_text", sa.Boolean(), nullable=False, server_default=sa.false()
        ),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("renewed_at", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.UniqueConstraint("session_id", name="uq_push_subscriptions_session_id"),
        sa.UniqueConstraint("digest", name="uq_push_subscriptions_digest"),
        mysql_default_charset="utf8mb4",
        if_not_exists=True,
    )
    op.create_table(
        "pushes",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer()),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        if_not_exists=True,
    )
    for name, table, columns in (
        ("ix_push_subscriptions_user_id", "push_subscriptions", ["user_id"]),
        ("ix_pushes_due_at", "pushes", ["due_at"]),
        ("ix_pushes_subscription_id", "pushes", ["subscription_id", "id"]),
    ):
        op.create_index(name, table, columns, if_not_exists=True)


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("pushes")
    op.drop_table("push_subscriptions")
