"""What the OpenAPI document of every service says beside what APIFlask knows."""

import pytest
from apiflask import APIFlask, Schema
from apiflask.fields import String

from microflack_common import auth, description, errors
from microflack_common.testing import SECRET


class Body(Schema):
    name = String(required=True)


class Options(Schema):
    name = String()


@pytest.fixture
def app():
    app = APIFlask("described", docs_path=None)
    app.config |= {"JWT_SECRET_KEY": SECRET, "ACCESS": "open"}
    errors.init_app(app)

    @app.get("/")
    @app.auth_required(auth.reader_auth)
    @app.output({})
    @app.doc(responses={304: "As before"})
    def index():
        return {}

    @app.post("/")
    @app.auth_required(auth.token_auth)
    @app.input(Body)
    @app.output({})
    def make(json_data):
        return {}

    @app.post("/options")
    @app.input(Options)
    @app.output({})
    def choose(json_data):
        return {}

    description.init_app(app)
    return app


def described(app, path, method):
    document = app.test_client().get("/openapi.json").json

    return document["paths"][path][method]


@pytest.mark.parametrize(("access", "optional"), [("open", True), ("members", False)])
def test_where_reading_is_open_the_token_may_be_left_out(app, access, optional):
    app.config["ACCESS"] = access
    assert ({} in described(app, "/", "get")["security"]) is optional
    assert {} not in described(app, "/", "post")["security"]


def test_a_body_with_a_field_that_must_be_there_is_needed(app):
    assert described(app, "/", "post")["requestBody"]["required"] is True
    assert described(app, "/options", "post")["requestBody"]["required"] is False


def test_what_all_endpoints_may_answer_is_said(app):
    assert {"429", "503"} <= set(described(app, "/", "get")["responses"])
    answers = described(app, "/", "post")["responses"]
    assert {"401", "408", "413", "415", "429", "503"} <= set(answers)
    for status in ("429", "503"):
        assert answers[status]["headers"]["Retry-After"]["required"]
    assert "WWW-Authenticate" in answers["401"]["headers"]


def test_what_has_an_etag_can_be_asked_for_by_it(app):
    index = described(app, "/", "get")
    assert [one["name"] for one in index["parameters"]] == ["If-None-Match"]
    assert "content" not in index["responses"]["304"]
    assert all(
        "ETag" in index["responses"][status]["headers"] for status in ("200", "304")
    )


def test_a_service_adds_what_only_it_knows(app):
    def also(document):
        document["paths"]["/"]["get"]["summary"] = "Everything"

    description.init_app(app, also)
    assert described(app, "/", "get")["summary"] == "Everything"
