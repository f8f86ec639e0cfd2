"""Alembic's entry point."""

from microflack_common.database import run_migrations

run_migrations()
