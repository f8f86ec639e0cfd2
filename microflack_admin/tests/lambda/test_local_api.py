"""The images that deploy.sh makes, behind AWS's own stand-in for an HTTP API."""

import os

import pytest
import requests
from chat import Person
from functions import environments
from local_api import LocalApi, host_of
from serverless import make_secrets

from mftools.testing import scratch
from microflack_common.testing import basic


@pytest.fixture(scope="module")
def api(engine, tmp_path_factory):
    """Return the URL of the API."""
    if not (environments() / "lambda").exists():
        pytest.skip("sam is not here: mftest lambda installs it")
    host = host_of(engine)
    with scratch.server(host) as home:
        secret = make_secrets(home)
        api = LocalApi(engine, tmp_path_factory.mktemp("sam"), host, secret)
        try:
            api.start()
            yield api.url
        finally:
            api.stop()


@pytest.fixture
def person(api):
    """Return a function that registers somebody under a name of this test."""
    return lambda nickname: Person(api, f"{nickname} {os.urandom(3).hex()}")


def test_people_register_sign_in_and_talk(person):
    ada, bob = person("Åse 日本"), person("bob")
    message = ada.say("hello *world*, Żółć ✅")
    assert message["html"] == "hello <em>world</em>, Żółć ✅"
    assert message in bob.send("GET", "/api/messages?limit=5").json()["messages"]
    assert bob.send("GET", message["_links"]["user"]).json()["id"] == ada.user["id"]
    body = {"kind": "direct", "members": [ada.user["id"]]}
    assert bob.send("POST", "/api/rooms", json=body).json()["name"] == ada.nickname


def test_a_token_that_was_ended_is_refused_by_all(person):
    eve = person("eve")
    eve.send("DELETE", "/api/tokens")
    for path in ("/api/tokens", "/api/messages", "/api/users"):
        assert eve.send("GET", path, check=False).status_code == 401


def test_all_cookies_of_a_session_come_out(api, person):
    ada = person("ada")
    headers = basic(ada.nickname, ada.password) | {"X-Session": "cookie"}
    answer = requests.post(f"{api}/api/tokens", headers=headers, timeout=60)
    assert answer.status_code == 200
    assert answer.cookies["microflack_session"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/nothing", 404), ("DELETE", "/api/users", 405),
     ("GET", "/readyz", 404), ("POST", "/api/messages", 401)],
)  # fmt: skip
def test_every_error_is_json(api, method, path, status):
    answer = requests.request(method, api + path, timeout=60)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_the_page_is_served(api):
    page = requests.get(f"{api}/", timeout=60)
    assert page.headers["Content-Type"].startswith("text/html")
    assert "<html" in page.text
