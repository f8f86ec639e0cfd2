"""Empty tables between the tests of a service, without making its database anew."""

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.orm import Session, scoped_session

_GAVE_IDS = text(
    "SELECT table_name FROM information_schema.tables"
    " WHERE table_schema = DATABASE() AND auto_increment > 1"
)


def empty(session: Session | scoped_session[Session], tables: Iterable[str]) -> None:
    """Delete all rows of tables; ids count from 1 again.

    On MariaDB only TRUNCATE has them do so, which makes a file anew and takes many
    times as long as DELETE: it is for the tables that gave an id.
    """
    tables = list(tables)
    if session.get_bind().dialect.name == "mysql":
        gave = set(session.execute(_GAVE_IDS).scalars())
        for table in sorted(gave.intersection(tables)):
            session.execute(text(f"TRUNCATE {table}"))
        tables = [table for table in tables if table not in gave]
    for table in tables:
        session.execute(text(f"DELETE FROM {table}"))
