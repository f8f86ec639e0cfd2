"""What mfup says at its end: who may come in, and how the first one does."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import jwt
import pytest

from mfplatform.state.home import write_env

ADMIN = Path(__file__).parents[2]
KEY = "the key of services, for tests only!"
LINK = "http://127.0.0.1:1/#invitation=CODE"
SAID = subprocess.CompletedProcess[str]


class People(BaseHTTPRequestHandler):
    """Stands in for the users service; the server knows who there is."""

    server: Any

    def do_GET(self) -> None:
        """List people, or invitations."""
        if "/invitations" in self.path:
            self._answer(200, {"invitations": self.server.invitations})
        else:
            self._answer(200, {"users": self.server.people})

    def do_POST(self) -> None:
        """Make an invitation."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.invitations.append({"admin": True, "url": LINK})
        self._answer(201, self.server.invitations[-1])

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        token = self.headers["Authorization"].removeprefix("Bearer ")
        claims = jwt.decode(token, KEY, ["HS256"], audience="microflack-service")
        assert claims["iss"] == "operator"
        if not self.server.knows_operator:
            status, body = 401, {"error": "The token is not valid."}
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Any]:
    """Return the server, which serves."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), People)
    server.people, server.invitations, server.knows_operator = [], [], True
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def welcome(server: Any, tmp_path: Path) -> Callable[..., SAID]:
    """Return a function that runs the command with these settings."""
    url = f"http://127.0.0.1:{server.server_port}"

    def welcome(**settings: str) -> SAID:
        write_env(tmp_path / "settings.env", {"LB": url} | settings)
        write_env(tmp_path / "secrets.env", {"SERVICE_KEY": KEY})
        said = subprocess.run(
            [sys.executable, "-m", "mfplatform.commands.welcome", f"{url}/"],
            cwd=ADMIN,
            env=os.environ | {"MF_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
        )
        assert (said.returncode, said.stdout) == (0, ""), said.stderr
        return said

    return welcome


def test_the_first_one_gets_an_invitation_until_it_is_used(
    server: Any, welcome: Callable[..., SAID]
) -> None:
    expected = f"\nhttp://127.0.0.1:{server.server_port}/#invitation=CODE\n"
    for _ in range(2):
        assert expected in welcome().stderr
    assert len(server.invitations) == 1
    server.people = [{"admin": True}]
    assert "invitation=" not in welcome().stderr


def test_it_says_who_may_come_in(welcome: Callable[..., SAID]) -> None:
    assert "MF_ACCESS=open" in welcome().stderr
    assert "MF_ACCESS=members" in welcome(MF_ACCESS="members").stderr


def test_where_nobody_is_an_administrator_it_says_so(
    server: Any, welcome: Callable[..., SAID]
) -> None:
    server.people = [{"admin": False}]
    assert "mfuser admin NICKNAME" in welcome().stderr


def test_a_network_gets_the_link_as_a_picture_and_at_its_address(
    welcome: Callable[..., SAID],
) -> None:
    assert "█" not in welcome().stderr
    said = welcome(MF_BIND="0.0.0.0", HOST_IP_ADDRESS="127.0.0.1").stderr
    assert "█" in said
    assert "MF_ACCESS=members" in said


def test_an_older_release_of_users_is_no_trouble(
    server: Any, welcome: Callable[..., SAID]
) -> None:
    server.knows_operator = False
    assert "invitation" not in welcome().stderr
