"""Migrating a database at start."""

from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import inspect

from microflack_common.database import upgrade

MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = {revision!r}, {before!r}


def upgrade():
    op.create_table("words_" + revision, sa.Column("id", sa.Integer()))
"""


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    app = Flask("words")
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path}/words.sqlite"
    database = SQLAlchemy(app)
    Migrate(app, database)
    return app


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
