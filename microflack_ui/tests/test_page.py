"""The page and its files, as HTTP answers."""

import json
import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest
import requests
from flask.testing import FlaskClient

from microflack_common.testing import flask_run

FOLDER = Path(__file__).parents[1]
STATIC = FOLDER / "microflack_ui" / "static"


def test_the_page_is_html_that_loads_the_entry(client: FlaskClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.content_type == "text/html; charset=utf-8"
    assert re.search(r'<script type="module" src="/static/v/\w+/app.js">', answer.text)


def test_the_page_loads_nothing_from_elsewhere(client: FlaskClient) -> None:
    links = re.findall(r'(?:src|href)="([^"]+)"', client.get("/").text)
    assert links and all(link.startswith("/static/") for link in links)


def test_everything_that_the_page_names_exists(client: FlaskClient) -> None:
    text = client.get("/").text
    (found,) = re.findall(r'<script type="importmap">(.+?)</script>', text)
    names = [*json.loads(found)["imports"].values()]
    names += re.findall(r'(?:src|href)="([^"]+)"', text)
    assert [name for name in names if client.get(name).status_code != 200] == []


def test_the_readme_names_every_module() -> None:
    modules = {path.name for path in STATIC.rglob("*.js")}
    modules -= {path.name for path in STATIC.glob("components/*.js")}
    lines = re.findall(r"^ {4,8}(\w+\.js) ", (FOLDER / "README.md").read_text(), re.M)
    assert sorted(lines) == sorted(modules)


def test_the_security_policy_allows_own_scripts_and_those_in_the_page_only(
    client: FlaskClient,
) -> None:
    answer = client.get("/")
    found = re.findall(r"<script[^>]*>(.+?)</script>", answer.text, re.S)
    assert len(found) == 2
    digests = {b64encode(sha256(one.encode()).digest()).decode() for one in found}
    policy = answer.headers["Content-Security-Policy"]
    (allowed,) = re.findall(r"script-src 'self'([^;]*);", policy)
    assert {f"'sha256-{one}'" for one in digests} == set(allowed.split())
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", ["/", "/static/app.js", "/nothing"])
def test_every_answer_is_protected(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/static/app.js", "text/javascript; charset=utf-8"),
        ("/static/vendor/preact/preact.mjs", "text/javascript; charset=utf-8"),
        ("/static/style.css", "text/css; charset=utf-8"),
        ("/static/icon.svg", "image/svg+xml; charset=utf-8"),
    ],
)
def test_files_say_what_they_are(
    client: FlaskClient, path: str, content_type: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.content_type == content_type


def test_files_of_this_version_are_kept_for_good_and_others_are_not_here(
    client: FlaskClient,
) -> None:
    (path,) = re.findall(r'type="module" src="([^"]+)"', client.get("/").text)
    kept = client.get(path)
    assert kept.data == client.get("/static/app.js").data
    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get(f"/static/v/{'0' * 16}/app.js").status_code == 404


def test_a_page_of_release_3_finds_its_modules_elsewhere(client: FlaskClient) -> None:
    wanted = {"Sec-Fetch-Dest": "script"}
    answer = client.get("/static/app.js", headers=wanted)
    assert answer.status_code == 307
    assert answer.headers["Location"] == "/static/app.js?tries=1"
    assert answer.headers["Cache-Control"] == "no-store"
    # Where no instance of release 3 is, the file is here; browsers follow 20 times.
    answer = client.get("/static/app.js", headers=wanted, follow_redirects=True)
    assert (answer.status_code, len(answer.history)) == (200, 19)
    assert answer.data == client.get("/static/app.js").data


def test_a_redirect_stays_here_whatever_is_asked_for(client: FlaskClient) -> None:
    wanted = {"Sec-Fetch-Dest": "script"}
    for path in ("/static/a%3Fb%23c", "/static/x.js?tries=y"):
        location = client.get(path, headers=wanted).headers["Location"]
        assert location.startswith("/static/")
        assert location.endswith("?tries=1")


@pytest.mark.parametrize("path", ["/", "/static/app.js"])
def test_browsers_ask_whether_what_they_kept_is_still_the_same(
    client: FlaskClient, path: str
) -> None:
    first = client.get(path)
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""


def test_an_older_files_tag_brings_the_new_file(client: FlaskClient) -> None:
    answer = client.get("/static/app.js", headers={"If-None-Match": '"older"'})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/api/nothing",
        "/static/nothing.js",
        "/static/",
        "/static/vendor",
        "/static/v/app.js",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/%00",
    ],
)
def test_what_is_not_there_is_a_json_404(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json == {"error": "There is nothing here."}


def test_the_page_cannot_be_posted_to(client: FlaskClient) -> None:
    answer = client.post("/", json={})
    assert answer.status_code == 405
    assert answer.json == {"error": "This method is not allowed here."}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_the_service_tells_of_its_health(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 200


def test_flask_run_just_works() -> None:
    with flask_run(FOLDER, {}) as url:
        assert requests.get(f"{url}/", timeout=10).status_code == 200
