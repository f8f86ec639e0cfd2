"""What every service offers: health, metrics, its description, its settings."""

import re
from pathlib import Path

import pytest
import requests
from openapi_spec_validator import validate
from sqlalchemy import inspect

from microflack_common.config import ConfigError
from microflack_common.testing import flask_run
from microflack_example.config import Config
from microflack_example.models import Item, db

FOLDER = Path(__file__).parents[1]


def test_a_running_service_is_healthy_and_ready(client):
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200


def test_requests_are_counted(client):
    client.get("/api/example")
    labels = 'endpoint="example.index",method="GET",status="200"'
    counted = f"http_requests_total{{{labels}}} "
    assert counted in client.get("/metrics").text


def test_the_openapi_document_describes_every_route(app, client):
    document = client.get("/api/example/openapi.json").json
    validate(document)
    assert document["info"]["version"] == (FOLDER / "VERSION").read_text().strip()
    routes = {
        re.sub("<(?:[a-z]+:)?([a-z_]+)>", r"{\1}", str(rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("example.")
    }
    assert set(document["paths"]) == routes


def test_settings_that_are_missing_or_wrong_are_all_named():
    with pytest.raises(ConfigError, match=r"JWT_SECRET_KEY.*LB must be a URL"):
        Config({"LB": "nowhere"})


def test_the_migrations_make_what_the_models_say(app):
    with app.app_context():
        columns = inspect(db.engine).get_columns("items")
    made = {one["name"]: one["nullable"] for one in columns}
    assert made == {one.name: one.nullable for one in Item.__table__.columns}


def test_flask_run_just_works(tmp_path):
    settings = {"DATABASE_URL": f"sqlite:///{tmp_path}/example.db"}
    with flask_run(FOLDER, settings) as url:
        answer = requests.get(f"{url}/api/example", timeout=60)
        assert answer.json() == {"items": []}
