"""Alembic's entry point."""

from sqlalchemy.schema import CreateTable

from microflack_common.database import run_migrations
from microflack_messages import changes
from microflack_messages.models import PendingCard, db

run_migrations()

# Tables that came later have no revision: release 1 would not start on a database with
# a revision that it does not know, and old and new releases run side by side.
with db.engine.begin() as connection:
    connection.execute(CreateTable(PendingCard.__table__, if_not_exists=True))
changes.create_tables()
