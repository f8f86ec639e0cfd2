"""How much is stored, for administrators."""

import pytest
from chat import ADMIN, registry_that_knows
from uploading import sent, uploaded

from microflack_common.testing import token_for

PATH = "/api/messages/stored"


@pytest.fixture(scope="module")
def registry():
    """Return a registry that knows an administrator."""
    return registry_that_knows(ADMIN)


def test_what_is_stored_is_counted_for_administrators(app, client, ada, bob):
    sent(client, [uploaded(client, b"x" * 700, ada)], ada, "here")
    uploaded(client, b"x" * 50, bob)
    client.post("/api/rooms", json={"kind": "private", "name": "x"}, headers=bob)
    client.post("/api/messages", json={"source": "two"}, headers=ada)
    answer = client.get(PATH, headers=token_for(app, ADMIN))
    assert answer.headers["Cache-Control"] == "no-store"
    counted = {"messages": 2, "rooms": 2, "files": 2, "file_bytes": 750}
    assert answer.json == counted
    assert client.get(PATH, headers=bob).status_code == 403
    assert client.get(PATH).status_code == 401
