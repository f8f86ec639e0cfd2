"""What every service offers: health, metrics, its description, its settings."""

import re
from pathlib import Path

import pytest
import requests
from openapi_spec_validator import validate
from waiting import wait_until

from microflack_common.config import ConfigError
from microflack_common.testing import flask_run
from microflack_tokens.config import Config

FOLDER = Path(__file__).parents[1]


def test_a_running_service_is_healthy_and_ready(client):
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200


def test_requests_are_counted(client):
    client.post("/api/tokens")
    counted = (
        'http_requests_total{endpoint="tokens.sign_in",method="POST",status="401"}'
    )
    assert f"{counted} 1.0" in client.get("/metrics").text


def test_the_openapi_document_describes_every_route(app, client):
    document = client.get("/api/tokens/openapi.json").json
    validate(document)
    assert document["openapi"] == "3.1.0"
    assert document["info"]["version"] == (FOLDER / "VERSION").read_text().strip()
    routes = {
        re.sub("<(?:[a-z]+:)?([a-z_]+)>", r"{\1}", str(rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("tokens.")
    }
    assert set(document["paths"]) == routes


def test_settings_that_are_missing_or_wrong_are_all_named():
    with pytest.raises(ConfigError, match=r"LB must be a URL.*JWT_SECRET_KEY"):
        Config({"LB": "nowhere"})


def test_readyz_tells_that_the_registry_is_away(client, registry):
    assert client.get("/readyz").status_code == 200
    registry.away = True
    wait_until(lambda: client.get("/readyz").status_code == 503)
    assert "registry" in client.get("/readyz").json["error"]
    assert client.get("/healthz").status_code == 200
    registry.away = False
    wait_until(lambda: client.get("/readyz").status_code == 200)


def test_flask_run_just_works(tmp_path):
    settings = {"DATABASE_URL": f"sqlite:///{tmp_path}/tokens.db"}
    with flask_run(FOLDER, settings) as url:
        assert requests.get(f"{url}/healthz", timeout=10).status_code == 200
