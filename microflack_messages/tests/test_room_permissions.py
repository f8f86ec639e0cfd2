"""Who may do what, in which kind of room."""

import pytest
from chat import ADMIN, NOBODY, registry_that_knows

OWNER, MEMBER, STRANGER, OTHER = 1, 2, 3, 4
# What each may do, in this order.
ASKERS = {
    "owner": OWNER,
    "member": MEMBER,
    "stranger": STRANGER,
    "admin": ADMIN,
    "nobody": NOBODY,
}
# What is answered in a public, a private and a direct room. In the direct one nobody is
# owner: there it is one of the two.
MATRIX = {
    "read": {
        "public": (200, 200, 200, 200, 200),
        "private": (200, 200, 404, 404, 404),
        "direct": (200, 200, 404, 404, 404),
    },
    "list": {
        "public": (200, 200, 200, 200, 200),
        "private": (200, 200, 404, 404, 404),
        "direct": (200, 200, 404, 404, 404),
    },
    "members": {
        "public": (200, 200, 200, 200, 200),
        "private": (200, 200, 404, 404, 404),
        "direct": (200, 200, 404, 404, 404),
    },
    "write": {
        "public": (201, 201, 403, 403, 401),
        "private": (201, 201, 400, 400, 401),
        "direct": (201, 201, 400, 400, 401),
    },
    "rename": {
        "public": (204, 403, 403, 204, 401),
        "private": (204, 403, 404, 404, 401),
        "direct": (403, 403, 404, 404, 401),
    },
    "archive": {
        "public": (204, 403, 403, 204, 401),
        "private": (204, 403, 404, 404, 401),
        "direct": (403, 403, 404, 404, 401),
    },
    "delete": {
        "public": (403, 403, 403, 204, 401),
        "private": (204, 403, 404, 404, 401),
        "direct": (403, 403, 404, 404, 401),
    },
    "join": {
        "public": (204, 204, 204, 204, 401),
        "private": (204, 204, 404, 404, 401),
        "direct": (204, 204, 404, 404, 401),
    },
    "add": {
        "public": (204, 204, 403, 403, 401),
        "private": (204, 204, 404, 404, 401),
        "direct": (403, 403, 404, 404, 401),
    },
    "leave": {
        "public": (204, 204, 204, 204, 401),
        "private": (204, 204, 404, 404, 401),
        "direct": (403, 403, 404, 404, 401),
    },
    "remove": {
        "public": (204, 403, 403, 403, 401),
        "private": (204, 403, 404, 404, 401),
        "direct": (403, 403, 404, 404, 401),
    },
    "mark": {
        "public": (204, 204, 403, 403, 401),
        "private": (204, 204, 404, 404, 401),
        "direct": (204, 204, 404, 404, 401),
    },
    "notify": {
        "public": (204, 204, 403, 403, 401),
        "private": (204, 204, 404, 404, 401),
        "direct": (204, 204, 404, 404, 401),
    },
}
CASES = [
    (what, kind, name, status)
    for what, kinds in MATRIX.items()
    for kind, statuses in kinds.items()
    for name, status in zip(ASKERS, statuses, strict=True)
]
# What the room of everybody answers: to anybody, to an administrator, to nobody.
EVERYONE = {
    "read": (200, 200, 200),
    "list": (200, 200, 200),
    "members": (200, 200, 200),
    "write": (201, 201, 401),
    "rename": (403, 204, 401),
    "archive": (403, 403, 401),
    "delete": (403, 403, 401),
    "join": (204, 204, 401),
    "add": (204, 204, 401),
    "leave": (403, 403, 401),
    "remove": (403, 403, 401),
    "mark": (204, 204, 401),
    "notify": (204, 204, 401),
}


@pytest.fixture(scope="module")
def registry():
    """Return a registry that knows an administrator."""
    return registry_that_knows(ADMIN)


@pytest.fixture
def attempt(chat):
    """Return a function that tries something in a room, and returns the status."""

    def attempt(what, room, who):
        room_id, path = room["id"], room["_links"]["self"]
        member = f"{path}/members/{who or OTHER}"
        messages = room["_links"]["messages"]
        known = chat.get(messages, OWNER)["messages"]
        requests = {
            "read": ("GET", path, None),
            "list": ("GET", messages, None),
            "members": ("GET", f"{path}/members", None),
            "write": ("POST", "/api/messages", {"source": "x", "room_id": room_id}),
            "rename": ("PUT", path, {"name": "cave"}),
            "archive": ("PUT", path, {"archived": True}),
            "delete": ("DELETE", path, None),
            "join": ("PUT", member, None),
            "add": ("PUT", f"{path}/members/{OTHER}", None),
            "leave": ("DELETE", member, None),
            "remove": ("DELETE", f"{path}/members/{5}", None),
            "mark": ("PUT", f"{path}/read", {"up_to": known[-1]["id"]}),
            "notify": ("PUT", f"{path}/notify", {"notify": "none"}),
        }
        method, url, body = requests[what]
        return chat.call(method, url, who, body).status_code

    return attempt


@pytest.mark.parametrize(("what", "kind", "name", "status"), CASES)
def test_who_may_do_what(chat, attempt, what, kind, name, status):
    room = chat.make(OWNER, kind, members=[MEMBER, 5])
    chat.say(room["id"], OWNER)
    before = chat.get(room["_links"]["self"], OWNER), chat.members(room["id"], OWNER)
    assert attempt(what, room, ASKERS[name]) == status
    if status >= 400:
        # Nothing was changed by halves.
        path = room["_links"]["self"]
        assert (chat.get(path, OWNER), chat.members(room["id"], OWNER)) == before


@pytest.mark.parametrize("what", EVERYONE)
def test_who_may_do_what_in_the_room_of_everybody(chat, attempt, what):
    room = chat.rooms(OWNER)[1]
    chat.say(1, OWNER)
    tried = [attempt(what, room, who) for who in (STRANGER, ADMIN, NOBODY)]
    assert tuple(tried) == EVERYONE[what]


def test_an_admin_who_is_in_a_private_room_is_a_member_like_others(chat, attempt):
    room = chat.make(OWNER, members=[ADMIN])
    chat.say(room["id"], OWNER)
    tried = [attempt(what, room, ADMIN) for what in ("rename", "archive", "delete")]
    assert tried == [403, 403, 403]
    assert attempt("read", room, ADMIN) == 200
