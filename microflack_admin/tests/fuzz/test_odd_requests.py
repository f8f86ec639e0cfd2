"""What no generator thinks of is answered as the documents say, too."""

import http.client
import json
import os
import re
from itertools import product
from urllib.parse import urlsplit

import pytest
import requests
from chat import Person
from odd import BODIES, HEADERS, IDS, QUERIES

APIS = ["users", "tokens", "messages"]
# What a request may end with before it is known which endpoint is meant: HAProxy and
# Gunicorn refuse what is malformed, or asks for what cannot be had.
ON_THE_WAY = {"400", "414", "417", "431"}


@pytest.fixture(scope="module")
def documents(platform):
    """Return what each API says of itself."""
    urls = {name: f"{platform.url}/api/{name}/openapi.json" for name in APIS}
    return {name: requests.get(url, timeout=30).json() for name, url in urls.items()}


@pytest.fixture
def check(platform, documents, tried):
    """Return a function that sends a request and checks what comes of it."""
    address = urlsplit(platform.url).netloc

    def check(method, path, operation, headers=(), body=None, more=frozenset()):
        connection = http.client.HTTPConnection(address, timeout=120)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        tried["odd"] = tried.get("odd", 0) + 1
        said = f"{method} {path[:90]} {headers} {body and body[:90]}: {answer.status}"
        assert str(answer.status) in {*operation["responses"], *more}, (
            said,
            text[:300],
        )
        if answer.status >= 400:
            assert answer.headers["Content-Type"] == "application/json", said
            assert json.loads(text)["error"], said

    return check


def requests_of(document, value="1"):
    """Yield method, path and description of each endpoint, all ids being ``value``."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), re.sub(r"\{\w+\}", value, path), operation


@pytest.mark.parametrize("service", APIS)
def test_headers(documents, check, service):
    for (method, path, operation), headers in product(
        requests_of(documents[service]), HEADERS
    ):
        check(method, path, operation, headers.items(), more=ON_THE_WAY)


@pytest.mark.parametrize("service", APIS)
@pytest.mark.parametrize("signed_in", [False, True])
def test_bodies(platform, documents, check, service, signed_in):
    person = Person(platform.url, f"odd {os.urandom(3).hex()}")
    for operation, (kind, body) in product(
        requests_of(documents[service], str(person.user["id"])), BODIES
    ):
        method, path, said = operation
        if method == "GET" or path in ("/api/tokens/everybody", "/api/users/1"):
            continue
        headers = {"Content-Type": kind}
        if signed_in:
            headers["Authorization"] = f"Bearer {person.sign_in()}"
        # A body is refused also where none is asked for.
        more = {"400", "408", "413", "415"}
        check(method, path, said, headers.items(), body, more)


@pytest.mark.parametrize("service", APIS)
def test_ids(documents, check, service):
    for one in IDS:
        for method, path, operation in requests_of(documents[service], one):
            if one in path:
                check(method, path, operation, more={"404"} | ON_THE_WAY)


@pytest.mark.parametrize("service", APIS)
def test_queries(documents, check, service):
    for (method, path, operation), query in product(
        requests_of(documents[service]), QUERIES
    ):
        check(method, f"{path}?{query}", operation)
