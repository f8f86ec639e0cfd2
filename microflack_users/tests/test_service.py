"""What every service offers: health, metrics, its description, its settings."""

import re
import shutil
from pathlib import Path

import pytest
import requests
from conftest import wait_for
from openapi_spec_validator import validate

from microflack_common.config import ConfigError
from microflack_common.testing import SECRET, flask_run, token_for
from microflack_users.app import create_app
from microflack_users.config import Config
from microflack_users.models import db
from microflack_users.passwords import HASHER

FOLDER = Path(__file__).parents[1]


def test_a_running_service_is_healthy_and_ready(client):
    assert client.get("/healthz").status_code == 200
    # Roles are written to the registry first.
    wait_for(lambda: client.get("/readyz").status_code == 200)


def test_requests_are_counted(client):
    client.get("/api/users")
    metrics = client.get("/metrics").text
    assert (
        'http_requests_total{endpoint="users.index",method="GET",status="200"} 1.0'
        in metrics
    )


def test_the_openapi_document_describes_every_route(app, client):
    document = client.get("/api/users/openapi.json").json
    validate(document)
    assert document["openapi"] == "3.1.0"
    assert document["info"]["version"] == (FOLDER / "VERSION").read_text().strip()
    routes = {
        re.sub("<(int:)?([a-z_]+)>", r"{\2}", str(rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("users.")
    }
    assert set(document["paths"]) == routes


def test_settings_that_are_missing_are_named():
    with pytest.raises(ConfigError, match="JWT_SECRET_KEY"):
        Config({})


def test_passwords_are_stored_as_argon2id(app):
    assert HASHER.hash("x").startswith("$argon2id$v=19$m=7168,t=5,p=1$")


def test_without_its_database_the_service_says_so(tmp_path):
    folder = tmp_path / "database"
    folder.mkdir()
    settings = {"DATABASE_URL": f"sqlite:///{folder}/users.db"}
    app = create_app(Config(settings | {"JWT_SECRET_KEY": SECRET}))
    with app.app_context():
        db.engine.dispose()
    shutil.rmtree(folder)
    client = app.test_client()
    for headers in ({}, token_for(app, 1)):
        answer = client.get("/api/users", headers=headers)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert "database is away" in answer.json["error"]
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_flask_run_just_works(tmp_path):
    settings = {"DATABASE_URL": f"sqlite:///{tmp_path}/alone.db"}
    with flask_run(FOLDER, settings) as url:
        assert requests.get(f"{url}/api/users", timeout=10).status_code == 200
