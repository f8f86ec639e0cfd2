"""Fixtures: a small service, and a real etcd."""

import shutil

import pytest
from apiflask import APIFlask

from microflack_common import errors, health, logs
from microflack_common.testing import SECRET
from microflack_common.testing_etcd import etcd_server


@pytest.fixture
def app():
    """Return a small service with all that the wheel adds."""
    app = APIFlask("microflack_small", docs_path=None)
    app.config["JWT_SECRET_KEY"] = SECRET
    logs.init_app(app)
    errors.init_app(app)
    health.init_app(app, {})
    return app


@pytest.fixture
def client(app):
    """Return a client of the small service."""
    return app.test_client()


@pytest.fixture
def etcd(tmp_path):
    """Return a running etcd."""
    if not shutil.which("etcd"):
        pytest.skip("etcd is not installed (Debian package etcd-server)")
    with etcd_server(tmp_path / "etcd") as server:
        yield server
