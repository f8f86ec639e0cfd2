"""The database is made at start, once, however many instances start."""

import os
import subprocess
import sys

import pytest
from sqlalchemy import create_engine, inspect, text

from microflack_common.testing import SECRET

START = "from microflack_tokens.app import create_app; create_app()"
TABLES = {"sessions", "ended", "cuts", "cut_counter"}


@pytest.fixture
def url(tmp_path):
    """Return the URL of an empty database."""
    return os.environ.get("TEST_DATABASE_URL", f"sqlite:///{tmp_path}/tokens.db")


def test_instances_that_start_at_once_migrate_an_empty_database_once(url):
    settings = {"DATABASE_URL": url, "JWT_SECRET_KEY": SECRET, "PYTHONPATH": "."}
    settings["PYTHONPATH"] += os.pathsep + os.environ.get("PYTHONPATH", "")
    command = [sys.executable, "-c", START]
    started = [subprocess.Popen(command, env=os.environ | settings) for _ in range(4)]
    assert [process.wait() for process in started] == [0, 0, 0, 0]
    engine = create_engine(url)
    assert set(inspect(engine).get_table_names()) == TABLES | {"alembic_version"}
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT last FROM cut_counter")) == 0
        for table in (*TABLES, "alembic_version"):
            connection.execute(text(f"DROP TABLE {table}"))
    engine.dispose()
