"""The page and its files, as HTTP answers."""

import gzip
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
NAMES = ["app.js", "style.css"]
LIBRARIES = {"preact", "htm", "preact/hooks", "socket.io-client"}


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
    modules = {path.name for path in STATIC.rglob("*.js") if "vendor" not in path.parts}
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
    policy = headers["Content-Security-Policy"].split("; ")
    names = ("default-src", "base-uri", "form-action", "frame-ancestors")
    assert {f"{name} 'none'" for name in names} <= set(policy)


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/static/app.js", "text/javascript; charset=utf-8"),
        ("/static/vendor/preact/preact.mjs", "text/javascript; charset=utf-8"),
        ("/static/style.css", "text/css; charset=utf-8"),
        ("/static/icon.svg", "image/svg+xml; charset=utf-8"),
        ("/static/icon-192.png", "image/png"),
        ("/static/manifest.webmanifest", "application/manifest+json"),
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


def test_a_page_of_an_older_release_is_not_sent_about(client: FlaskClient) -> None:
    answer = client.get("/static/html.js", headers={"Sec-Fetch-Dest": "script"})
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/", "/static/app.js", "/static/style.css"])
def test_who_reads_gzip_gets_a_third_of_the_bytes(
    client: FlaskClient, path: str
) -> None:
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 2
    for answer in (plain, packed):
        assert answer.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["ETag"] != packed.headers["ETag"]


def test_the_entry_and_the_style_sheet_are_whole(client: FlaskClient) -> None:
    script, style = (client.get(f"/static/{name}").text for name in NAMES)
    assert "\nimport {" not in script and "\nexport " not in script
    assert set(re.findall(r'^import .*"(.+)"', script, re.M)) == LIBRARIES
    modules = {path.relative_to(STATIC) for path in STATIC.rglob("*.js")}
    own = {str(one) for one in modules if one.parts[0] != "vendor"} - {
        "reload.js",
        "service_worker.js",
    }
    assert set(re.findall(r"^// (\S+\.js)$", script, re.M)) == own
    assert "@import" not in style
    for sheet in STATIC.glob("style/*.css"):
        assert sheet.read_text() in style


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
