"""Rooms in the monolith: who hears what, and who is writing."""

import pytest
from room_listeners import Listener, PrivateRoom, heard_by, token_of, wait_until


@pytest.fixture
def listen(platform):
    """Return a function that opens a connection of somebody, or of nobody."""
    listeners = []

    def listen(name, someone=None, **auth):
        token = {"token": token_of(someone)} if someone else {}
        listeners.append(Listener(name, platform.url, **token, **auth))
        return listeners[-1]

    yield listen
    for listener in listeners:
        listener.close()


def test_only_members_hear_of_a_private_room(person, listen):
    ada, bob, eve = person("ada"), person("bob"), person("eve")
    everybody = [
        listen("ada", ada, rooms=True), listen("bob", bob, rooms=True),
        listen("eve", eve, rooms=True), listen("old", bob),
        listen("nobody", rooms=True),
    ]  # fmt: skip
    den = PrivateRoom(ada, bob)
    den.do_everything("the first secret")
    assert heard_by(ada, "the first secret", everybody) == {"ada", "bob"}
    asked = {"room_id": den.room["id"]}
    assert everybody[0].call("typing", asked, token_of(ada)) == {}
    wait_until(lambda: everybody[1].has_heard('"typing"'))
    den.set_member(bob, False)
    wait_until(lambda: everybody[1].has_heard("removed_model"))
    den.set_member(eve, True)
    wait_until(lambda: everybody[2].has_heard(den.path))
    body = {"source": "the second secret", "room_id": den.room["id"]}
    assert "error" not in everybody[0].call("post_message", body, token_of(ada))
    assert heard_by(ada, "the second secret", everybody) == {"ada", "eve"}
