"""A cluster on which all of it runs."""

import os
from pathlib import Path

import pytest
from cluster import SETTING, Cluster, NoCluster

pytest_plugins = ["engine_fixtures"]


@pytest.fixture(scope="session")
def program():
    """Return what starts a cluster: without it no engine has to be there, either."""
    found = Path(os.environ.get(SETTING) or "/nonexistent") / "cluster"
    if not found.is_file():
        pytest.skip(f"{SETTING} names no folder with a program 'cluster'")
    return found


@pytest.fixture(scope="session")
def cluster(program, engine, tmp_path_factory):
    """Return a cluster with the images and nothing else."""
    cluster = Cluster(program, engine, tmp_path_factory.mktemp("kubernetes"))
    try:
        cluster.start()
        yield cluster
    except NoCluster as reason:
        pytest.skip(f"no Kubernetes here: {reason}")
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def chat(cluster):
    """Return the URL for people; two of each service run, the data on one node only."""
    _, other = cluster.nodes()
    cluster.kubectl("cordon", other)
    done = cluster.deploy("--access", "open")
    assert done.returncode == 0, done.stderr
    cluster.kubectl("uncordon", other)
    cluster.kubectl("scale", *cluster.STATELESS, "--replicas", "2")
    cluster.settle()
    return done.stdout.strip()
