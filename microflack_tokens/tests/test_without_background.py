"""With BACKGROUND=no a token that is ended here is ended for all who ask next."""

import pytest

from microflack_common import registries
from microflack_common.testing import basic, bearer
from microflack_tokens.app import create_app
from microflack_tokens.config import Config


@pytest.fixture
def both(app, settings, tmp_path):
    """Return two instances without threads, whose registry is a table."""
    own = {"BACKGROUND": "no", "ETCD": f"sqlite:///{tmp_path}/registry.db"}
    apps = []
    for _ in range(2):
        # Processes of their own have registries of their own.
        registries._known.clear()
        apps.append(create_app(Config(settings | own)))
    return [one.test_client(use_cookies=False) for one in apps]


def sign_in(client):
    """Return the headers of somebody who has signed in."""
    answer = client.post("/api/tokens", headers=basic("ada", "lovelace"))
    return bearer(answer.json["token"])


def test_a_token_that_is_ended_here_is_ended_there(both):
    here, there = both
    token = sign_in(here)
    for client in (there, here):
        assert client.get("/api/tokens", headers=token).status_code == 200
    assert here.delete("/api/tokens", headers=token).status_code == 204
    for client in (there, here):
        assert client.get("/api/tokens", headers=token).status_code == 401


def test_nothing_of_it_is_lost_with_the_registry(both):
    here, there = both
    token = sign_in(here)
    assert here.delete("/api/tokens", headers=token).status_code == 204
    revocations = there.application.extensions["microflack_revocations"]
    registry = revocations.keys._registry
    for root in ("/revocations", "/revoked-tokens"):
        assert registry.delete(root, recursive=True)
    # As a request to any of them does, when it is due.
    registries._known.clear()
    assert there.get("/readyz").status_code == 200
    assert there.get("/api/tokens", headers=token).status_code == 401
