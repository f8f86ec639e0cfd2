"""Whoever is not in a private room cannot tell it from one that is not there."""

import pytest
from chat import statements

NEVER = 2_000_000_000
STRANGER = 3
CALLS = [
    ("GET", "", None),
    ("PUT", "", {"name": "mine"}),
    ("PUT", "", {"archived": True}),
    ("DELETE", "", None),
    ("GET", "/members", None),
    ("PUT", "/members/3", None),
    ("PUT", "/members/99", None),
    ("DELETE", "/members/1", None),
    ("PUT", "/read", {"up_to": 1}),
    ("PUT", "/notify", {"notify": "none"}),
    ("POST", "/files", None),
]


@pytest.mark.parametrize("kind", ["private", "direct"])
@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_the_same_is_answered_and_asked_of_the_database(
    chat, app, kind, method, path, body
):
    room = chat.make(1, kind, members=[2])
    chat.say(room["id"])

    def call(room_id):
        with statements(app) as run:
            answer = chat.call(method, f"/api/rooms/{room_id}{path}", STRANGER, body)
        said = answer.get_data(as_text=True).replace(str(room_id), "ID")
        return answer.status_code, said, run

    there, not_there = call(room["id"]), call(NEVER)
    assert there == not_there
    assert there[0] == 404
    # Nothing is locked for a stranger: that would wait for those who write there.
    asked = [one for one in there[2] if not one.startswith("BEGIN")]
    assert len(asked) <= 1
