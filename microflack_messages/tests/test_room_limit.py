"""How many rooms one user may make."""

import pytest

from microflack_common.limits import RateLimit
from microflack_messages.app import ROOMS_AT_ONCE, ROOMS_PER_SECOND


@pytest.fixture
def make(another):
    """Return a function that makes a room where only so many may be made."""
    app = another(MF_LIMITS="on")
    counted = app.extensions["microflack_limits"]
    assert "rooms" in counted
    assert (ROOMS_AT_ONCE, round(ROOMS_PER_SECOND * 3600)) == (20, 20)
    # On a busy machine they do not come faster than they are allowed to.
    counted["rooms"] = RateLimit("rooms", ROOMS_PER_SECOND, 3, clock=lambda: 1e3)
    client = app.test_client()
    return lambda headers, **room: client.post("/api/rooms", json=room, headers=headers)


def test_a_user_who_makes_too_many_rooms_has_to_wait(make, ada, bob):
    public, direct = {"kind": "public", "name": "x"}, {"kind": "direct", "members": [2]}
    assert make(ada, kind="public", name="").status_code == 400
    assert make(ada, **direct).status_code == 201
    for _ in range(2):
        assert make(ada, **public).status_code == 201
    refused = make(ada, **public)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) == 180
    assert make(ada, kind="direct", members=[3]).status_code == 429
    # It is there already.
    assert make(ada, **direct).status_code == 200
    assert make(bob, **public).status_code == 201
