"""A cluster on which all of it runs."""

import os
from pathlib import Path

import pytest
from cluster import SETTING, Cluster

pytest_plugins = ["engine_fixtures"]


@pytest.fixture(scope="session")
def program():
    """Return what starts a cluster: without it no engine has to be there, either."""
    found = Path(os.environ.get(SETTING) or "/nonexistent") / "cluster"
    if not found.is_file():
        pytest.skip(f"{SETTING} names no folder with a program 'cluster'")
    return found


@pytest.fixture(scope="session")
def nodes(program, engine):
    """Return a cluster with the images and nothing else."""
    cluster = Cluster(program, engine)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="module")
def cluster(nodes):
    """Return the cluster for one module, which leaves it as it was."""
    yield nodes
    nodes.kubectl("uncordon", *nodes.names("nodes"))
    done = nodes.deploy("--delete")
    assert done.returncode == 0, done.stderr
    assert not nodes.has_namespace()
