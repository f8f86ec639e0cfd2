"""Migrating a database at start."""

from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import inspect, text

from microflack_common.database import upgrade

MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = {revision!r}, {before!r}


def upgrade():
    op.create_table("words_" + revision, sa.Column("id", sa.Integer()))
"""


def application(folder: Path, **options: str) -> Flask:
    app = Flask("words")
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{folder}/words.sqlite"
    database = SQLAlchemy(app)
    Migrate(app, database, **options)
    return app


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return application(tmp_path)


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    (folder / "alembic.ini").write_text("[alembic]\n")
    (folder / "env.py").write_text(
        "from microflack_common.database import run_migrations\nrun_migrations()\n"
    )
    return folder


def add(migrations: Path, revision: str, before: str | None) -> Path:
    file = migrations / "versions" / f"{revision}.py"
    file.write_text(MIGRATION.format(revision=revision, before=before))
    return file


def tables(app: Flask) -> set[str]:
    with app.app_context():
        names = inspect(app.extensions["sqlalchemy"].engine).get_table_names()
    return set(names) - {"alembic_version"}


def revision(app: Flask, table: str) -> str | None:
    with app.app_context(), app.extensions["sqlalchemy"].engine.connect() as connection:
        found: str | None = connection.scalar(text(f"SELECT version_num FROM {table}"))
    return found


def test_what_is_missing_is_added_and_nothing_twice(
    app: Flask, migrations: Path
) -> None:
    add(migrations, "1", None)
    upgrade(app, migrations)
    add(migrations, "2", "1")
    upgrade(app, migrations)
    upgrade(app, migrations)
    assert tables(app) == {"words_1", "words_2"}


def test_an_older_release_starts_on_the_database_of_a_newer_one(
    app: Flask, migrations: Path
) -> None:
    add(migrations, "1", None)
    newer = add(migrations, "2", "1")
    upgrade(app, migrations)
    newer.unlink()
    upgrade(app, migrations)
    assert tables(app) == {"words_1", "words_2"}


def test_the_revision_is_kept_in_the_table_that_the_service_names(
    tmp_path: Path, migrations: Path
) -> None:
    add(migrations, "1", None)
    old = application(tmp_path)
    upgrade(old, migrations)
    for file in migrations.glob("versions/*.py"):
        file.unlink()
    # Revisions of another line: the table of the first one is not asked for them.
    add(migrations, "2", None)
    new = application(tmp_path, version_table="revisions")
    upgrade(new, migrations)
    upgrade(new, migrations)
    assert tables(new) == {"words_1", "words_2", "revisions"}
    assert (revision(new, "alembic_version"), revision(new, "revisions")) == ("1", "2")


def test_an_older_release_starts_on_a_newer_revision_in_a_table_that_is_named(
    tmp_path: Path, migrations: Path
) -> None:
    app = application(tmp_path, version_table="revisions")
    add(migrations, "1", None)
    newer = add(migrations, "2", "1")
    upgrade(app, migrations)
    newer.unlink()
    upgrade(app, migrations)
    assert revision(app, "revisions") == "2"


def test_a_migration_that_fails_leaves_nothing_behind(
    app: Flask, migrations: Path
) -> None:
    file = add(migrations, "1", None)
    complete = file.read_text()
    file.write_text(f"{complete}    raise LookupError\n")
    with pytest.raises(LookupError):
        upgrade(app, migrations)
    assert tables(app) == set()
    file.write_text(complete)
    upgrade(app, migrations)
    assert tables(app) == {"words_1"}
