"""What every service offers: health, metrics, its description, its settings."""

import re
import shutil
from pathlib import Path

import pytest
import requests
from openapi_spec_validator import validate

from microflack_common.config import ConfigError
from microflack_common.testing import SECRET, flask_run, token_for
from microflack_messages.app import create_app
from microflack_messages.config import Config
from microflack_messages.models import db

FOLDER = Path(__file__).parents[1]

ALWAYS = {"401", "429", "503"}
WITH_BODY = ALWAYS | {"400", "403", "408", "413", "415"}
MESSAGE = "/api/messages/{message_id}"
REACTION = f"{MESSAGE}/reactions/{{emoji}}"
ROOM = "/api/rooms/{room_id}"
DOWNLOAD = ALWAYS | {"200", "206", "304", "404", "416"}
PUSH = "/api/messages/push"
OPERATIONS = {
    ("/api/messages", "get"): ALWAYS | {"200", "304", "400", "404"},
    ("/api/messages", "post"): WITH_BODY | {"200", "201"},
    ("/api/messages/search", "get"): ALWAYS | {"200", "400", "404"},
    ("/api/messages/stored", "get"): ALWAYS | {"200", "403"},
    (PUSH, "get"): ALWAYS | {"200", "404"},
    (PUSH, "put"): (WITH_BODY - {"403"}) | {"204", "404"},
    (PUSH, "delete"): ALWAYS | {"204", "404"},
    (MESSAGE, "get"): ALWAYS | {"200", "404"},
    (MESSAGE, "put"): WITH_BODY | {"204", "404"},
    (MESSAGE, "delete"): ALWAYS | {"204", "403", "404"},
    (REACTION, "put"): ALWAYS | {"204", "400", "403", "404"},
    (REACTION, "delete"): ALWAYS | {"204", "400", "404"},
    ("/api/rooms", "get"): ALWAYS | {"200", "304"},
    ("/api/rooms", "post"): (WITH_BODY - {"403"}) | {"200", "201"},
    (ROOM, "get"): ALWAYS | {"200", "404"},
    (ROOM, "put"): WITH_BODY | {"204", "404"},
    (ROOM, "delete"): ALWAYS | {"204", "403", "404"},
    (f"{ROOM}/members", "get"): ALWAYS | {"200", "404"},
    (f"{ROOM}/members/{{user_id}}", "put"): ALWAYS | {"204", "403", "404"},
    (f"{ROOM}/members/{{user_id}}", "delete"): ALWAYS | {"204", "403", "404"},
    (f"{ROOM}/read", "put"): WITH_BODY | {"204", "404"},
    (f"{ROOM}/notify", "put"): WITH_BODY | {"204", "404"},
    (f"{ROOM}/files", "post"): WITH_BODY | {"201", "404"},
    (f"{ROOM}/files/{{key}}", "get"): DOWNLOAD,
    (f"{ROOM}/files/{{key}}/thumbnail", "get"): DOWNLOAD,
}


def test_a_running_service_is_healthy_and_ready(client):
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200


def test_requests_are_counted(client):
    client.get("/api/messages")
    counted = (
        'http_requests_total{endpoint="messages.index",method="GET",status="200"} 1.0'
    )
    assert counted in client.get("/metrics").text


def test_the_openapi_document_describes_every_route(app, client):
    document = client.get("/api/messages/openapi.json").json
    validate(document)
    assert document["openapi"] == "3.1.0"
    assert document["info"]["version"] == (FOLDER / "VERSION").read_text().strip()
    routes = {
        re.sub(r"<(?:int:)?(\w+)>", r"{\1}", str(rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(("messages.", "rooms.", "members.", "files."))
    }
    assert set(document["paths"]) == routes


def test_the_openapi_document_names_every_status_and_who_may_call(client):
    document = client.get("/api/messages/openapi.json").json
    operations = {
        (path, method): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    described = {place: set(o["responses"]) for place, o in operations.items()}
    assert described == OPERATIONS
    schemes = document["components"]["securitySchemes"]
    for operation in operations.values():
        assert {name for entry in operation["security"] for name in entry} <= {*schemes}


def test_settings_that_are_missing_or_malformed_are_named():
    with pytest.raises(ConfigError, match=r"JWT_SECRET_KEY.*LINK_CARDS "):
        Config({"LINK_CARDS": "perhaps"})


def test_without_its_database_the_service_says_so(tmp_path):
    folder = tmp_path / "database"
    folder.mkdir()
    url = f"sqlite:///{folder}/messages.db"
    app = create_app(Config({"DATABASE_URL": url, "JWT_SECRET_KEY": SECRET}))
    with app.app_context():
        db.engine.dispose()
    shutil.rmtree(folder)
    client = app.test_client()
    for answer in (
        client.get("/api/messages"),
        client.post("/api/messages", json={"source": "x"}, headers=token_for(app, 1)),
        client.get("/readyz"),
    ):
        assert answer.status_code == 503
        assert "database" in answer.json["error"]
        assert answer.headers["Retry-After"]
    assert client.get("/healthz").status_code == 200


def test_flask_run_just_works(tmp_path):
    settings = {"DATABASE_URL": f"sqlite:///{tmp_path}/alone.db"}
    with flask_run(FOLDER, settings) as url:
        assert requests.get(f"{url}/api/messages", timeout=10).status_code == 200
