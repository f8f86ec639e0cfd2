"""Several applications as one: each at its paths, and free to ask each other."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask, jsonify
from werkzeug.test import EnvironBuilder, run_wsgi_app

from mfplatform.monolith.composition import AT_A_TIME, Composition
from mfplatform.monolith.services import Service, all_services, in_checkout
from microflack_common import errors, health, lifecycle, logs
from microflack_common.http import Client


def service(name, *locations, holds_connections=False):
    return Service(name, Path(name), locations, False, holds_connections)


def application(name, ready=lambda: None):
    """Return an application that says which one it is, and can ask another."""
    app = Flask(name)
    logs.init_app(app)
    errors.init_app(app)
    health.init_app(app, {"friend": ready})
    app.add_url_rule("/", "root", lambda: jsonify(name=name))
    app.add_url_rule("/<path:path>", "any", lambda path: jsonify(name=name))

    @app.get("/api/b/asks")
    def asks():
        return Client("local:").get("/api/a/c").json()

    return app


@pytest.fixture
def composition():
    found = Composition(
        {
            service("page", "/"): application("page"),
            service("a", "/api/a", "/api/more"): application("a"),
            service("b", "/api/b"): application("b"),
            service("live", "/live", holds_connections=True): application("live"),
        }
    )
    found.guard([], [], counts=False)
    found.start()
    return found


def get(app, path, address="192.0.2.1"):
    environ = EnvironBuilder(path=path).get_environ() | {"REMOTE_ADDR": address}
    chunks, status, _ = run_wsgi_app(app, environ, buffered=True)
    return int(status.split()[0]), b"".join(chunks).decode()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "page"),
        ("/api", "page"),
        ("/api/a", "a"),
        ("/api/a/b/c", "a"),
        ("/api/ab", "page"),
        ("/api/more/1", "a"),
        ("/api/b", "b"),
        ("/live/1", "live"),
    ],
)
def test_the_longest_location_wins_by_whole_segments(composition, path, name):
    assert get(composition, path) == (200, f'{{"name":"{name}"}}\n')


def test_without_a_page_there_is_nothing_at_the_root():
    found = Composition({service("a", "/api/a"): application("a")})
    found.guard([], [], counts=False)
    status, body = get(found, "/")
    assert status == 404 and "nothing at this address" in body


def test_however_many_ask_each_other_nobody_waits_for_itself(composition):
    with ThreadPoolExecutor(AT_A_TIME * 4) as pool:
        asked = ["/api/b/asks"] * (AT_A_TIME * 16)
        told = list(pool.map(lambda path: get(composition, path), asked))
    assert set(told) == {(200, '{"name":"a"}\n')}


def test_how_it_is_stands_at_the_socket_only(composition):
    for path in ("/healthz", "/readyz", "/metrics"):
        assert get(composition, path)[0] == 404
        assert get(composition, path, address="")[0] == 200
    get(composition, "/api/a")
    told = get(composition, "/metrics", address="")[1]
    assert 'http_requests_total{endpoint="any",method="GET",service="a"' in told
    assert told.count("# TYPE http_requests_total counter") == 1


def test_it_is_ready_when_all_of_them_are():
    def away():
        raise ConnectionError

    found = Composition(
        {
            service("a", "/a"): application("a"),
            service("b", "/b"): application("b", away),
        }
    )
    status, body = get(found, "/readyz", address="")
    assert status == 503
    assert "b: Not ready: no answer from friend." in body


def test_what_services_begin_and_end_is_begun_and_ended():
    app, done = application("a"), []
    lifecycle.at_start(app, lambda: done.append("begun"))
    lifecycle.at_stop(app, lambda: done.append("ended"))
    found = Composition({service("a", "/"): app})
    found.start()
    for function in found.extensions["microflack_at_stop"]:
        function()
    assert done == ["begun", "ended"]
    # Nobody has to wait until people pause: they find the next server.
    assert not found.extensions["microflack_activity"].wait_until_quiet(60, 60)


def test_services_are_known_by_their_service_env(tmp_path, monkeypatch):
    told = {"a": "SERVICE_URL=/a\nNEEDS_DB=yes\n", "b": "", "not_python": ""}
    for name, text in told.items():
        folder = tmp_path / f"microflack_{name}"
        (folder / folder.name).mkdir(parents=True)
        (folder / "migrations" / "versions").mkdir(parents=True)
        (folder / "migrations" / "versions" / "0001_first.py").touch()
        (folder / "service.env").write_text(text)
        if name != "not_python":
            (folder / folder.name / "app.py").touch()
    monkeypatch.setenv("MF_ROOT", str(tmp_path))
    one, two = in_checkout()
    assert (one.name, one.locations, one.needs_database) == ("a", ("/a",), True)
    assert one.revisions == {"0001"}
    assert (two.locations, two.holds_connections) == (("/",), False)
    assert [one.name for one in in_checkout(without="a,c")] == ["b"]
    assert [one.name for one in all_services()] == ["a", "b", "not_python"]
