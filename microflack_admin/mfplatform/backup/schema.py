"""Make a service's tables as a certain migration of it left them.

Alembic is called as its own commands call it (its documentation: "Cookbook", and
alembic.runtime.migration), and not by the service's env.py, which needs the service's
application, and that migrates to the newest revision.
"""

from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import ScriptDirectory
from sqlalchemy import Engine


def migrate(
    engine: Engine, migrations: Path, revision_table: str, revision: str
) -> None:
    """Bring a database up to a revision.

    :param migrations: the service's folder of them.
    :param revision_table: where the revision is kept.
    """
    scripts = ScriptDirectory(str(migrations))

    def steps(found: Any, _context: MigrationContext) -> Any:
        newer = scripts.iterate_revisions(revision, found, implicit_base=True)
        known = scripts.revision_map
        return [
            MigrationStep.upgrade_from_script(known, one)
            for one in reversed(list(newer))
        ]

    with engine.connect() as connection:
        options = {
            "version_table": revision_table,
            "render_as_batch": engine.dialect.name == "sqlite",
            "fn": steps,
        }
        context = MigrationContext.configure(connection, opts=options)
        with context.begin_transaction(), Operations.context(context):
            context.run_migrations()
        connection.commit()
