"""Migrating a database at start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import inspect, text

from microflack_common import migrations as module

MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = {revision!r}, {before!r}


def upgrade():
    op.create_table("words_" + revision, sa.Column("id", sa.Integer()))
"""


SERVE = """
import sys
from pathlib import Path

from test_migrations import application, upgrade

upgrade(application(Path(sys.argv[1])), Path(sys.argv[2]))
print(*sorted({"alembic", "flask_migrate"} & sys.modules.keys()))
"""


APP = """
from pathlib import Path

from test_migrations import application, upgrade

app = application(Path({folder!r}))
upgrade(app, Path({folder!r}) / "migrations")
"""


def upgrade(app: Flask, migrations: Path, *version_table: str) -> None:
    database = app.extensions["sqlalchemy"]
    module.upgrade(app, database, migrations, *version_table)


def application(folder: Path) -> Flask:
    app = Flask("words")
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{folder}/words.sqlite"
    SQLAlchemy(app)
    return app


@pytest.fixture(autouse=True, params=["false", "true"])
def _where(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a process of its own migrate, or this one, as under the command flask."""
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", request.param)


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return application(tmp_path)


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    (folder / "alembic.ini").write_text("[alembic]\n")
    (folder / "env.py").write_text(
        "from microflack_common.migrations import run_migrations\nrun_migrations()\n"
    )
    return folder


def add(migrations: Path, revision: str, before: str | None) -> Path:
    file = migrations / "versions" / f"{revision}_add_words.py"
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
    new = application(tmp_path)
    upgrade(new, migrations, "revisions")
    upgrade(new, migrations, "revisions")
    assert tables(new) == {"words_1", "words_2", "revisions"}
    assert (revision(new, "alembic_version"), revision(new, "revisions")) == ("1", "2")


def test_an_older_release_starts_on_a_newer_revision_in_a_table_that_is_named(
    tmp_path: Path, migrations: Path
) -> None:
    app = application(tmp_path)
    add(migrations, "1", None)
    newer = add(migrations, "2", "1")
    upgrade(app, migrations, "revisions")
    newer.unlink()
    upgrade(app, migrations, "revisions")
    assert revision(app, "revisions") == "2"


def test_a_migration_that_fails_leaves_nothing_behind(
    app: Flask, migrations: Path
) -> None:
    file = add(migrations, "1", None)
    complete = file.read_text()
    file.write_text(f"{complete}    raise LookupError\n")
    with pytest.raises((RuntimeError, LookupError)):
        upgrade(app, migrations)
    assert tables(app) == set()
    file.write_text(complete)
    upgrade(app, migrations)
    assert tables(app) == {"words_1"}


def test_a_service_does_not_load_what_only_migrations_need(
    tmp_path: Path, migrations: Path
) -> None:
    add(migrations, "1", None)
    command = [sys.executable, "-c", SERVE, tmp_path, migrations]
    environ = os.environ | {"FLASK_RUN_FROM_CLI": "false"}
    for _ in ("first start", "second start"):
        done = subprocess.run(
            command,
            cwd=Path(__file__).parent,
            env=environ,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout == "\n"


def test_flask_db_knows_the_database(tmp_path: Path, migrations: Path) -> None:
    add(migrations, "1", None)
    (tmp_path / "words.py").write_text(APP.format(folder=str(tmp_path)))
    command = [sys.executable, "-m", "flask", "--app", "words", "db", "current"]
    path = f"{tmp_path}{os.pathsep}{Path(__file__).parent}"
    environ = os.environ | {"PYTHONPATH": path}
    done = subprocess.run(command, env=environ, capture_output=True, text=True)
    assert done.stdout == "1 (head)\n", done.stderr
