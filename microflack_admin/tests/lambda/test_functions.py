"""Functions keep nothing that other copies have to know, and say what they lack."""

import json

import pytest
import requests
from chat import ADMIN
from functions import Function
from gateway import event_of, route_of
from serverless import PARAMETERS, missing
from template import functions, resolve, routes

from mfplatform.state.home import read_env
from microflack_common.testing import basic

ADDRESS = "127.0.0.1"


def ask(function, method, path, token=None, headers=(), body=b""):
    """Ask one copy of a function; return the result."""
    own = [("Authorization", f"Bearer {token}")] if token else []
    own += [("Content-Type", "application/json"), *headers]
    event = event_of("", method, path, own, body, ADDRESS, ADDRESS)
    return function.invoke(event)[0]


@pytest.fixture
def copies(platform):
    """Return all copies of a function, to be asked one by one."""
    return platform.functions.all


def token_of(person):
    return person.session.headers["Authorization"].removeprefix("Bearer ")


@pytest.mark.parametrize("service", ["users", "tokens", "messages"])
def test_a_token_that_is_ended_is_refused_by_every_copy_at_once(
    person, copies, service
):
    ada = person("ada")
    token, path = token_of(ada), f"/api/{service}"

    def statuses():
        with copies(service) as some:
            return [ask(one, "GET", path, token)["statusCode"] for one in some]

    assert statuses() == [200, 200]
    ada.send("DELETE", "/api/tokens")
    assert statuses() == [401, 401]


def test_what_a_killed_copy_has_answered_is_kept_and_seen_by_others(
    platform, person, copies
):
    ada = person("ada")
    token = token_of(ada)
    killed = platform.functions.begin("messages")
    posted = ask(killed, "POST", "/api/messages", token, body=b'{"source": "kept"}')
    assert posted["statusCode"] == 201
    killed.stop()
    with copies("messages") as some:
        for one in some:
            listed = json.loads(ask(one, "GET", "/api/messages", token)["body"])
            assert json.loads(posted["body"]) in listed["messages"]


def test_words_are_found_by_whoever_asks_next(person):
    ada = person("ada")
    message = ada.say(f"an aardvark of {ada.nickname}")
    found = ada.send("GET", "/api/messages/search?q=aardvark").json()["messages"]
    assert message["id"] in [one["id"] for one in found]


def test_who_signs_in_again_gets_the_cookies_of_a_session(platform, person):
    ada = person("ada")
    headers = basic(ada.nickname, ada.password) | {"X-Session": "cookie"}
    answer = requests.post(f"{platform.url}/api/tokens", headers=headers, timeout=60)
    assert answer.cookies["microflack_session"]
    assert "refresh_token" not in answer.json()


def test_the_page_and_its_files_are_served(platform):
    page = requests.get(f"{platform.url}/", timeout=60)
    assert page.headers["Content-Type"].startswith("text/html")
    # Compressed, so that it is in base64 on its way.
    code = requests.get(f"{platform.url}/static/app.js", timeout=60)
    assert "export" in code.text or "const" in code.text
    assert requests.get(f"{platform.url}/socket.io/", timeout=60).status_code == 404


def test_each_function_answers_its_own_routes_and_the_page_the_rest():
    found = routes()
    for service in ("users", "tokens", "messages"):
        told = read_env(ADMIN.parent / f"microflack_{service}" / "service.env")
        locations = told.get("SERVICE_LOCATIONS", "").split()
        for location in (told["SERVICE_URL"], *locations):
            for path in (location, f"{location}/7/x"):
                assert found[route_of(found, "PUT", path)] == service
    for path in ("/", "/static/app.js", "/api/usersx", "/healthz"):
        assert found[route_of(found, "GET", path)] == "ui"


@pytest.mark.parametrize(
    ("service", "change", "sentence"),
    [
        ("messages", {"DATABASE_URL": None, "ETCD": None},
         "The settings are not complete: DATABASE_URL is not set; ETCD is not set."),
        ("ui", {"BACKGROUND": None, "SERVICE_NAME": "chat"}, "BACKGROUND must be no"),
    ],
)  # fmt: skip
def test_what_is_missing_is_one_sentence_in_the_log(
    tmp_path, service, change, sentence
):
    if reason := missing():
        pytest.skip(reason)
    names = ("USERS_DATABASE_URL", "TOKENS_DATABASE_URL", "MESSAGES_DATABASE_URL")
    secret = dict.fromkeys(names, "sqlite://") | {"REGISTRY_URL": "sqlite://"}
    secret |= dict.fromkeys(("JWT_SECRET_KEY", "SERVICE_KEY"), "x" * 32)
    settings = resolve(functions()[service], secret, PARAMETERS, "http://127.0.0.1:1")
    settings = {k: v for k, v in (settings | change).items() if v is not None}
    function = Function(service, settings, tmp_path / "log")
    try:
        result = ask(function, "GET", "/")
        assert result["statusCode"] == 503
        assert "log says what is missing" in result["body"]
        # Before it is killed, which the runtime would tell of, too.
        log = function.log.read_text()
    finally:
        function.stop()
    assert sentence in log
    assert "Traceback" not in log
