"""Errors are JSON sentences, whatever goes wrong."""

import pytest
from apiflask.fields import Integer
from flask import abort

from microflack_common import errors
from microflack_common.fields import Body, Count, Text


class Note(Body):
    """A body to try out."""

    text = Text(required=True)
    stars = Integer(strict=True)


class Away(Exception):
    """What a broken dependency raises."""


@pytest.fixture
def client(app):
    """Return a client of a service with something to go wrong."""

    @app.post("/notes")
    @app.input(Note)
    def note(json_data):
        return json_data

    @app.get("/list")
    @app.input({"limit": Count(1, 10)}, location="query")
    def listing(query_data):
        return query_data

    @app.get("/broken")
    def broken():
        raise RuntimeError("the secret plan")

    @app.get("/away")
    def away():
        raise Away

    @app.get("/unavailable")
    def unavailable():
        raise errors.ServiceUnavailable("The moon is away.")

    @app.get("/abort/<int:status>")
    def stop(status):
        abort(status)

    errors.depends_on(app, Away, "The database")
    return app.test_client()


@pytest.mark.parametrize(
    "status", [400, 401, 403, 404, 405, 409, 413, 415, 429, 500, 503]
)
def test_every_status_is_a_json_sentence(client, status):
    answer = client.get(f"/abort/{status}")
    assert answer.status_code == status
    assert answer.is_json
    assert answer.json["error"].endswith(".")


def test_an_unexpected_error_tells_nothing(client):
    answer = client.get("/broken")
    assert answer.status_code == 500
    assert "secret" not in answer.text


@pytest.mark.parametrize("path", ["/away", "/unavailable", "/abort/503", "/abort/429"])
def test_what_passes_by_itself_says_when_to_come_back(client, path):
    assert int(client.get(path).headers["Retry-After"]) >= 1


def test_a_missing_dependency_is_named(client):
    assert "The database is away" in client.get("/away").json["error"]


def test_a_missing_field_is_named(client):
    answer = client.post("/notes", json={})
    assert answer.status_code == 400
    assert answer.json["error"].startswith("text: ")
    assert "text" in answer.json["fields"]


@pytest.mark.parametrize("text", [1, None, [], {}, True, "a\x00b", "\ud800"])
def test_what_is_no_storable_text_is_refused(client, text):
    answer = client.post("/notes", json={"text": text})
    assert answer.status_code == 400


@pytest.mark.parametrize("body", ["", "{", "[]", '"x"', "3", "null", "[" * 9999])
def test_what_is_no_json_object_is_refused(client, body):
    answer = client.post("/notes", data=body, content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("field", ["text", "stars", "unknown"])
def test_a_number_with_thousands_of_digits_is_refused(client, field):
    body = f'{{"{field}": {"9" * 5000}}}'
    answer = client.post("/notes", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json["error"] == "A number in the body has too many digits."


def test_unknown_fields_are_ignored(client):
    assert client.post("/notes", json={"text": "a", "x": 1}).json == {"text": "a"}


def test_another_content_type_is_refused(client):
    answer = client.post("/notes", data="text=a", content_type="text/plain")
    assert answer.status_code == 415


def test_a_method_that_there_is_not_is_that_first(client):
    answer = client.patch("/notes", data="text=a", content_type="text/plain")
    assert answer.status_code == 405


def test_a_large_body_is_read_to_its_end_and_refused(client):
    answer = client.post("/notes", json={"text": "x" * 2**20})
    assert answer.status_code == 413
    assert str(errors.MAX_CONTENT_BYTES) in answer.json["error"]


@pytest.mark.parametrize("limit", ["0", "11", "x", "", "-1", "9" * 40])
def test_a_number_out_of_range_is_named(client, limit):
    answer = client.get(f"/list?limit={limit}")
    assert answer.status_code == 400
    assert answer.json["error"].startswith("limit: ")
