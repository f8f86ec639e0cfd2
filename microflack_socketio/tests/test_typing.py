"""Those who are in a room are told who is writing there, and nobody else is."""

import pytest
from instances import push, wait_until
from rooms import heard_until_all, private, public

from microflack_socketio import typing_limits
from microflack_socketio.typing_limits import TypingLimits


@pytest.fixture
def join(services, connect, token):
    """Return a function that connects a client of a user, and returns it ready."""

    def join(user_id, **options):
        sent = token(user_id)
        client = connect(auth={"rooms": True, "token": sent}, **options)
        call = ("typing", {"room_id": 10**6}, sent)
        wait_until(lambda: "not known" not in client.call(*call)["error"])
        client.typing = lambda room_id: client.call(
            "typing", {"room_id": room_id}, sent
        )
        return client

    return join


def typed(client):
    """Return what was told so far of who is writing; forgets what has come."""
    told = []
    while not client.received.empty():
        event, *arguments = client.received.get()
        told += arguments if event == "typing" else []
    return told


def test_those_in_a_room_are_told_who_is_writing_there(
    services, redis, join, connect, token, start
):
    services.rooms_of = {
        201: [private(31)], 202: [private(31)], 203: [], 204: [public(31, role=None)],
        None: [public(31)],
    }  # fmt: skip
    neighbour = start(redis).wait_until_ready()
    one, same = join(201), join(201)
    others = [join(202), join(202, transport="polling"), join(202, to=neighbour)]
    strangers = [
        join(203), join(204, to=neighbour), connect(auth={"rooms": True}), connect(),
        connect(auth={"token": token(202)}),
    ]  # fmt: skip
    assert one.typing(31) == {}
    for client in others:
        assert client.next("typing") == {"room_id": 31, "user_id": 201}
    heard_until_all(redis, 1, one, same, *strangers)
    assert [typed(client) for client in (one, same, *strangers)] == [[]] * 7
    for client in (one, same, *others, *strangers):
        client.close()
    neighbour.stop()


def test_in_the_room_of_everybody_all_who_are_signed_in_are_told(
    services, redis, join, connect
):
    one, other = join(205), join(206)
    strangers = [connect(auth={"rooms": True}), connect()]
    assert one.typing(1) == {}
    assert other.next("typing") == {"room_id": 1, "user_id": 205}
    heard_until_all(redis, 1, *strangers)
    assert [typed(client) for client in strangers] == [[], []]


def test_who_is_not_in_a_room_cannot_say_to_be_writing_there(
    services, redis, join, connect, token
):
    services.rooms_of = {207: [private(32)], 208: [public(32)]}
    member, stranger = join(207), join(208)
    for room_id in (32, 33, 0, -1, 10**30):
        assert stranger.typing(room_id) == {"error": "You are not in this room."}
    old = connect()
    answer = old.call("typing", {"room_id": 32}, token(207))
    assert "rooms: true" in answer["error"]
    heard_until_all(redis, 1, member)
    assert typed(member) == []


GOOD = object()
WRONG = [
    (), (GOOD,), ({"room_id": 1},), (GOOD, {"room_id": 1}), (None, GOOD), ([], GOOD),
    (1, GOOD), ({}, GOOD), ({"room_id": None}, GOOD), ({"room_id": "1"}, GOOD),
    ({"room_id": 1.5}, GOOD), ({"room_id": True}, GOOD), ({"room_id": []}, GOOD),
    ({"room_id": 1}, GOOD, 1), ({"room_id": 1}, 5), ({"room_id": 1}, None),
    ({"room_id": 1}, "nonsense"),
]  # fmt: skip


@pytest.mark.parametrize("arguments", WRONG, ids=range(len(WRONG)))
def test_wrong_arguments_are_acknowledged_with_the_reason(join, token, arguments):
    client = join(209)
    arguments = [token(209) if value is GOOD else value for value in arguments]
    assert client.call("typing", *arguments)["error"]
    assert client.call("ping_user", token(209)) == {}


def test_while_rooms_are_not_known_it_is_said_so(services, connect, token):
    services.rooms_slow.clear()
    sent = token(210)
    client = connect(auth={"rooms": True, "token": sent})
    answer = client.call("typing", {"room_id": 34}, sent)
    assert answer["error"].startswith("It is not known right now")
    assert client.call("typing", {"room_id": 1}, sent) == {}


def test_it_is_told_once_in_a_while_only(services, redis, join):
    services.rooms_of = {211: [private(35)], 212: [private(35)]}
    one, other = join(211), join(212)
    for _ in range(10):
        assert one.typing(35) == {}
    other.next("typing")
    heard_until_all(redis, 1, other)
    # A busy machine may need a second or more for that.
    assert len(typed(other)) < 9


def test_an_event_that_names_nobody_harms_nobody(services, redis, join):
    client = join(213)
    for told in (None, [], {"user_id": 213}, {"room_id": {}}, "x"):
        push(redis, "typing", told, "room:1")
        push(redis, "updated_model", told, "user:213")
        push(redis, "removed_model", told, "user:213")
    for model in (None, [], {"id": "x"}, {"id": None, "role": "owner"}, {}):
        push(redis, "updated_model", {"class": "Room", "model": model}, "user:213")
        push(redis, "removed_model", {"class": "Room", "id": model}, "user:213")
    assert heard_until_all_of_anything(redis, client)


def heard_until_all_of_anything(redis, client):
    """Say whether a message still arrives, whatever else has come."""
    told = {"class": "Message", "model": {"id": 99}}
    push(redis, "updated_model", told)
    while client.next() != told:
        pass
    return True


def limits_of():
    """Return limits, and a list whose only item is their clock."""
    now = [0.0]
    return TypingLimits(lambda: now[0]), now


def test_a_person_is_told_of_once_a_second_in_each_room():
    limits, now = limits_of()
    assert [limits.admit(1, 5) for _ in "123"] == [True, False, False]
    assert limits.admit(1, 6)
    now[0] = 0.9
    assert not limits.admit(1, 5)
    now[0] = 1.0
    assert limits.admit(1, 5)


def test_of_many_who_are_writing_only_some_are_told():
    limits, now = limits_of()
    told = sum(limits.admit(user_id, 5) for user_id in range(1000))
    assert told == typing_limits.PER_ROOM
    assert limits.admit(1, 6)
    now[0] = 1.0
    assert limits.admit(999, 5)


def test_what_is_remembered_is_bounded():
    limits, _ = limits_of()
    for room_id in range(typing_limits.MAX_REMEMBERED + 1):
        assert limits.admit(1, room_id)
    assert not limits.admit(1, typing_limits.MAX_REMEMBERED)
    assert limits.admit(1, 0)
