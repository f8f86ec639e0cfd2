"""Fixtures that start a registry and a queue behind their passwords."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from access_servers import NAMES, Servers


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    """Return etcd, the gate and Redis, all running."""
    folder = Path(tempfile.mkdtemp(prefix="mf access "))
    found = Servers(folder)
    try:
        found.start(*NAMES)
        yield found
    finally:
        found.stop_all()
        shutil.rmtree(folder)
