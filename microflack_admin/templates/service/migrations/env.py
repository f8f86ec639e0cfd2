"""Alembic's entry point."""

from microflack_common.migrations import run_migrations

run_migrations()
