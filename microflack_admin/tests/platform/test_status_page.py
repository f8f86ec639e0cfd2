"""The page /status: who sees it, what it shows, and what is done for whom."""

import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from backend import Backend
from balancer import STATS_PASSWORD, Balancer
from daemons import wait_for

from mfplatform.state import page_sockets, status_page
from mfplatform.state.home import Home, PlatformError, write_env
from mfplatform.status_page.actions import Actions, NotPossible, command
from mfplatform.status_page.server import FILES, StatusServer
from mfplatform.status_page.watcher import Watcher

LOGIN = ("admin", STATS_PASSWORD)
LOOKS = """\
import itertools, json, time
for number in itertools.count():
    print(json.dumps({"at": number, "problem": "nobody is there"}), flush=True)
    time.sleep(0.05)
"""
# A command that says what it was asked, and goes on until somebody interrupts a roll.
COMMAND = """\
#!/usr/bin/env bash
echo "$*"
[[ $1 != roll ]] || exec sleep 600
"""


@pytest.fixture
def server(balancer: Balancer, tmp_path: Path) -> Iterator[StatusServer]:
    """Return the page's server behind the load balancer, with commands of its own."""
    for name in ("mfscale", "mfupgrade", "mflogs"):
        (tmp_path / name).write_text(COMMAND)
        (tmp_path / name).chmod(0o755)
    watcher = Watcher((sys.executable, "-c", LOOKS))
    home = Home(tmp_path)
    write_env(home.settings_file, {"MF_RUN": str(balancer.folder)})
    page_sockets.have(home)
    place = status_page.socket(home)
    with StatusServer(place, watcher, Actions(tmp_path)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
    place.unlink()


def ask_for(balancer: Balancer, body: str, **headers: str) -> requests.Response:
    """Ask for something to be done as the page does it, but for these headers."""
    origin = f"http://127.0.0.1:{balancer.operator_port}"
    own = {"Origin": origin, "X-Status": "page", "Sec-Fetch-Site": "same-origin"}
    sent = {name: value for name, value in (own | headers).items() if value}
    url = f"{origin}/status/do"
    return requests.post(url, body, headers=sent, auth=LOGIN, timeout=60)


def last_action(balancer: Balancer) -> dict[str, Any] | None:
    told = balancer.ask_operator("/status/look", auth=LOGIN).json()["action"]
    return None if told is None else dict(told)


@pytest.mark.usefixtures("server")
def test_it_needs_the_password_and_is_not_at_the_address_of_the_chat(
    balancer: Balancer,
) -> None:
    chat = Backend("page-1", 0)
    try:
        balancer.register("page", "/", chat)
        balancer.restart_with(MF_OPERATOR="shared")
        for path in (*FILES, "/status/look", "/status/logs?name=haproxy"):
            assert balancer.ask_operator(path).status_code == 401
            assert balancer.ask_operator(path, auth=LOGIN).status_code == 200
            # What is at the root of the chat answers there, and HAProxy not at all.
            assert balancer.get(path, auth=LOGIN).text == "page-1"
    finally:
        chat.close()


def test_where_nobody_serves_it_the_way_is_told(balancer: Balancer) -> None:
    answer = balancer.ask_operator("/status", auth=LOGIN)
    assert answer.status_code == 503
    assert "MF_STATUS=on mfup" in answer.json()["error"]


@pytest.mark.usefixtures("server")
def test_nothing_is_loaded_from_elsewhere_or_stands_in_the_page(
    balancer: Balancer,
) -> None:
    page = balancer.ask_operator("/status", auth=LOGIN)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "style=" not in page.text and "<style" not in page.text
    assert page.text.count("<script") == page.text.count('<script type="module" src=')
    assert "://" not in page.text


def test_one_process_looks_for_all_who_watch_and_ends_with_them() -> None:
    watcher = Watcher((sys.executable, "-c", LOOKS), unwatched_seconds=1)
    first = json.loads(watcher.latest())
    assert watcher.is_looking
    assert json.loads(watcher.latest())["at"] >= first["at"]
    wait_for(lambda: not watcher.is_looking, 60)
    assert json.loads(watcher.latest())["problem"] == "nobody is there"
    assert Watcher((sys.executable, "-c", "raise SystemExit(1)")).latest() == b""


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    "headers",
    [
        {"X-Status": ""},
        {"Origin": ""},
        {"Origin": "null"},
        {"Origin": "http://chat.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_what_another_page_asks_for_is_not_done(
    balancer: Balancer, headers: dict[str, str]
) -> None:
    answer = ask_for(balancer, '{"do": "abort"}', **headers)
    assert (answer.status_code, list(answer.json())) == (403, ["error"])
    assert last_action(balancer) is None


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"do": "mfdown"},
        {"do": "roll"},
        {"do": "roll", "service": "--all"},
        {"do": "rollback", "service": ["users"]},
        {"do": "scale", "service": "users", "instances": 0},
        {"do": "scale", "service": "users", "instances": True},
        {"do": "scale", "service": "users", "instances": "2; mfdown"},
    ],
)
def test_nothing_else_can_be_asked_for(asked: dict[str, Any]) -> None:
    with pytest.raises(NotPossible, match=r"must be .*\.$"):
        command(asked)


@pytest.mark.usefixtures("server")
def test_one_thing_is_done_at_a_time_and_an_upgrade_can_be_aborted(
    balancer: Balancer,
) -> None:
    assert ask_for(balancer, "[]").status_code == 400
    assert ask_for(balancer, '{"do": "roll", "service": "users"}').status_code == 202
    wait_for(lambda: "roll users" in (last_action(balancer) or {})["output"], 60)
    scale = '{"do": "scale", "service": "users", "instances": 3}'
    assert ask_for(balancer, scale).status_code == 409
    assert ask_for(balancer, '{"do": "abort"}').status_code == 202
    ended = {"command": "mfupgrade abort", "status": 0, "output": "abort"}
    wait_for(lambda: last_action(balancer) == ended, 60)
    assert ask_for(balancer, scale).json() == {"command": "mfscale users 3"}


def test_it_is_on_or_off_and_remembered() -> None:
    assert status_page.settle({}, {}) == {}
    on = status_page.settle({}, {"MF_ASKED_STATUS": "on"})
    assert status_page.settle(on, {"MF_ASKED_STATUS": ""}) == {"MF_STATUS": "on"}
    with pytest.raises(ValueError, match="must be on or off, not 'yes'"):
        status_page.settle(on, {"MF_ASKED_STATUS": "yes"})
    with pytest.raises(PlatformError, match="'boats' has no page"):
        status_page.check(on, "boats", ["etcd"])
