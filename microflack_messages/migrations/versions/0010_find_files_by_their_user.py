"""Find files by who has sent them."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Apply the change."""
    op.create_index("ix_files_user_id", "files", ["user_id"], if_not_exists=True)


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_files_user_id", "files")
