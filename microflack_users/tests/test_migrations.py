"""The database is made at start, once, however many instances start."""

import os
import subprocess
import sys

import pytest
from sqlalchemy import create_engine, inspect, text

from microflack_common.testing import SECRET

START = "from microflack_users.app import create_app; create_app()"


@pytest.mark.skipif(
    "TEST_DATABASE_URL" not in os.environ, reason="SQLite serves one instance only"
)
def test_instances_that_start_at_once_migrate_an_empty_database_once():
    url = os.environ["TEST_DATABASE_URL"]
    settings = {"DATABASE_URL": url, "JWT_SECRET_KEY": SECRET, "PYTHONPATH": "."}
    command = [sys.executable, "-c", START]
    started = [subprocess.Popen(command, env=os.environ | settings) for _ in range(4)]
    assert [process.wait() for process in started] == [0, 0, 0, 0]
    engine = create_engine(url)
    assert set(inspect(engine).get_table_names()) == {"users", "alembic_version"}
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE users, alembic_version"))
    engine.dispose()
