"""A connection that knows rooms hears those that its user is in; others do not."""

import pytest
from instances import publish, wait_until
from rooms import come, go, heard_until_all, private, public, say


@pytest.fixture
def rooms(services, connect, token):
    """Return a function that connects a client that knows rooms."""

    def rooms(user_id=None, is_known=True, **options):
        own = {} if user_id is None else {"token": token(user_id)}
        client = connect(auth={"rooms": True} | own, **options)
        if own and is_known:
            wait_until(lambda: not _is_unknown(client, own["token"]))
        return client

    return rooms


def _is_unknown(client, token):
    answer = client.call("typing", {"room_id": 10**6}, token)
    return "not known" in answer["error"]


def test_a_private_room_is_heard_by_the_connections_of_who_is_in_it(
    services, redis, rooms, connect, token
):
    services.rooms_of = {101: [private(5)], 102: [private(6)]}
    member, polling = rooms(101), rooms(101, transport="polling")
    other, anonymous = rooms(102), rooms()
    old = connect(auth={"token": token(101)})
    halves = [connect(auth={"token": token(101), "rooms": x}) for x in (1, "true", [])]
    say(redis, 5, 1)
    say(redis, 6, 2)
    clients = (member, polling, other, anonymous, old, *halves)
    heard = heard_until_all(redis, 3, *clients)
    assert heard == [[1], [1], [2], [], [], [], [], []]


def test_public_rooms_are_heard_by_who_is_in_them_and_by_who_is_nobody(
    services, redis, rooms, connect
):
    services.rooms_of = {
        None: [public(1), public(7), public(8)],
        103: [public(1, role="member"), public(7, role="member"), public(8)],
    }
    member, anonymous, old = rooms(103), rooms(), connect()
    say(redis, 7, 1)
    say(redis, 8, 2)
    assert heard_until_all(redis, 3, member, anonymous, old) == [[1], [1, 2], []]
    # One that nobody of here is in, and that was made since.
    come(redis, 9999, public(9, role="owner"))
    say(redis, 9, 4)
    assert heard_until_all(redis, 5, member, anonymous, old) == [[], [4], []]


def test_who_comes_into_a_room_hears_it_at_once_and_who_goes_does_not(
    services, redis, rooms
):
    one, other = rooms(104), rooms(105)
    come(redis, 104, private(10))
    say(redis, 10, 1)
    assert heard_until_all(redis, 2, one, other) == [[1], []]
    go(redis, 104, 10)
    say(redis, 10, 3)
    assert one.next("removed_model") == {"class": "Room", "id": 10}
    assert heard_until_all(redis, 4, one, other) == [[], []]
    assert services.rooms_asked.count(104) == 1


def test_who_is_told_to_be_back_at_once_is_asked_for(services, redis, rooms):
    services.rooms_of = {106: [private(11)], 107: [private(11)]}
    back, gone = rooms(106), rooms(107)
    services.rooms_of[107] = []
    for user_id in (106, 107):
        # These two were told by different instances, in either order.
        go(redis, user_id, 11)
        come(redis, user_id, private(11))
    for client in (back, gone):
        client.next("catch_up")
    say(redis, 11, 1)
    assert heard_until_all(redis, 2, back, gone) == [[1], []]


def test_what_is_told_during_a_question_is_newer_than_its_answer(
    services, redis, rooms
):
    services.rooms_of[108] = [private(12)]
    services.rooms_slow.clear()
    client = rooms(108, is_known=False)
    wait_until(lambda: services.rooms_asked)
    go(redis, 108, 12)
    come(redis, 108, private(13))
    client.next("removed_model")
    services.rooms_slow.set()
    client.next("catch_up")
    say(redis, 12, 1)
    say(redis, 13, 2)
    assert heard_until_all(redis, 3, client) == [[2]]


def test_the_rooms_are_those_of_the_token_that_was_used_last(
    services, redis, rooms, token
):
    services.rooms_of = {109: [private(14)], 110: [private(15)], None: [public(16)]}
    client = rooms(109)
    client.call("ping_user", token(110))
    say(redis, 14, 1)
    say(redis, 15, 2)
    assert heard_until_all(redis, 3, client) == [[2]]
    client.call("ping_user", "nonsense")
    client.next("expired_token")
    for room_id in (14, 15):
        say(redis, room_id, room_id)
    assert heard_until_all(redis, 4, client) == [[]]
    client.call("ping_user", token(109))
    say(redis, 14, 5)
    assert heard_until_all(redis, 6, client) == [[5]]


def test_a_token_that_ends_takes_its_rooms_away(services, redis, rooms, connect, token):
    services.rooms_of[111] = [private(17)]
    client = connect(auth={"rooms": True, "token": token(111, lifetime=2)})
    other = rooms(111)
    say(redis, 17, 1)
    assert heard_until_all(redis, 2, client, other) == [[1], [1]]
    client.next("expired_token")
    say(redis, 17, 3)
    assert heard_until_all(redis, 4, client, other) == [[], [3]]


def test_one_question_is_asked_for_all_connections_of_a_user(services, redis, rooms):
    services.rooms_of[112] = [private(18)]
    clients = [rooms(112) for _ in range(5)]
    assert services.rooms_asked == [112]
    clients[0].close()
    come(redis, 112, private(19))
    say(redis, 19, 1)
    assert heard_until_all(redis, 2, *clients[1:]) == [[1]] * 4
    for client in clients[1:]:
        client.close()
    services.rooms_of[112] = []
    # Nothing is kept of who is not here.
    client = rooms(112)
    say(redis, 18, 3)
    say(redis, 19, 4)
    assert heard_until_all(redis, 5, client) == [[]]


def test_slow_answers_of_the_messages_service_hold_up_nobody(
    services, redis, rooms, connect, token
):
    quick = connect(auth={"rooms": True, "token": token(113)})
    services.rooms_of[114] = [private(20)]
    services.rooms_slow.clear()
    slow = [rooms(114 + number, is_known=False) for number in range(20)]
    assert quick.call("ping_user", token(113)) == {}
    # What everybody hears they hear, too.
    assert heard_until_all(redis, 1, quick, *slow) == [[]] * 21
    say(redis, 20, 2)
    assert heard_until_all(redis, 3, slow[0]) == [[]]
    services.rooms_slow.set()
    for client in slow:
        client.next("catch_up")
    say(redis, 20, 4)
    assert heard_until_all(redis, 5, *slow[:2]) == [[4], []]


WRONG_ANSWERS = {
    "an error": ("{}", 500),
    "limited": ('{"error": "Too many requests."}', 429, {"Retry-After": "1"}),
    "an older release": ('{"error": "There is nothing here."}', 404),
    "a list": ("[]", 200),
    "no rooms": ('{"rooms": 5}', 200),
    "no ids": ('{"rooms": [{"role": "owner"}]}', 200),
    "no JSON": ("<p>", 200),
}


@pytest.mark.parametrize("answer", WRONG_ANSWERS)
def test_it_is_asked_again_until_there_is_an_answer(services, redis, rooms, answer):
    services.rooms_of[140] = [private(21)]
    services.rooms_answer = WRONG_ANSWERS[answer]
    client = rooms(140, is_known=False)
    say(redis, 21, 1)
    assert heard_until_all(redis, 2, client) == [[]]
    wait_until(lambda: len(services.rooms_asked) > 1)
    services.rooms_answer = None
    client.next("catch_up")
    say(redis, 21, 3)
    assert heard_until_all(redis, 4, client) == [[3]]


def test_who_is_refused_there_hears_again_by_another_token(
    services, redis, rooms, token
):
    services.rooms_of[141] = [private(25)]
    services.rooms_answer = '{"error": "The token has been revoked."}', 401
    client = rooms(141, is_known=False)
    wait_until(lambda: services.rooms_asked)
    say(redis, 25, 1)
    assert heard_until_all(redis, 2, client) == [[]]
    # It is not asked again and again by a token that is of no use.
    assert services.rooms_asked == [141]
    services.rooms_answer = None
    client.call("ping_user", token(141))
    wait_until(lambda: not _is_unknown(client, token(141)))
    say(redis, 25, 3)
    assert heard_until_all(redis, 4, client) == [[3]]


def test_only_clients_that_know_rooms_are_told_of_them(
    services, redis, rooms, connect, token
):
    client, old, anonymous = rooms(115), connect(auth={"token": token(115)}), connect()
    publish(redis, public(1, name="Everyone"), None, "Room")
    come(redis, 115, private(22))
    assert [client.next()["model"]["id"] for _ in "12"] == [1, 22]
    assert heard_until_all(redis, 1, client, old, anonymous) == [[], [], []]
    go(redis, 115, 22)
    assert client.next("removed_model")["id"] == 22
    publish(redis, {"id": 7, "nickname": "ada"}, None, "User")
    for one in (client, old, anonymous):
        assert one.next()["model"] == {"id": 7, "nickname": "ada"}
        assert not one.heard("removed_model")


def test_a_key_is_told_to_the_connections_of_the_author_only(
    services, redis, rooms, connect, token
):
    services.rooms_of = {116: [private(23)], 117: [private(23)]}
    author, other, anonymous = rooms(116), rooms(117), rooms()
    old_author = connect(auth={"token": token(116)})
    model = {"id": 1, "room_id": 1, "user_id": 116, "idempotency_key": "k"}
    bare = {"id": 1, "room_id": 1, "user_id": 116}
    publish(redis, model)
    for client, expected in (
        (author, model), (other, bare), (anonymous, bare), (old_author, model),
    ):  # fmt: skip
        assert client.next()["model"] == expected
    say(redis, 23, 2, user_id=116, idempotency_key="k")
    assert author.next()["model"]["idempotency_key"] == "k"
    assert "idempotency_key" not in other.next()["model"]
    assert heard_until_all(redis, 3, author, other, anonymous, old_author) == [[]] * 4


def test_another_instance_hears_of_it_as_well(services, redis, rooms, start):
    neighbour = start(redis).wait_until_ready()
    here, there = rooms(118), rooms(118, to=neighbour)
    other = rooms(119, to=neighbour)
    come(redis, 118, private(24))
    say(redis, 24, 1)
    assert heard_until_all(redis, 2, here, there, other) == [[1], [1], []]
    go(redis, 118, 24)
    say(redis, 24, 3)
    assert heard_until_all(redis, 4, here, there, other) == [[], [], []]
    for client in (here, there, other):
        client.close()
    neighbour.stop()


def test_where_members_only_hear_nobody_hears_a_room_without_a_token(
    services, redis, rooms, start, token
):
    services.rooms_of = {120: [private(26)], None: [public(27)]}
    closed = start(redis, ACCESS="members").wait_until_ready()
    member, anonymous = rooms(120, to=closed), rooms(to=closed)
    say(redis, 26, 1)
    say(redis, 27, 2)
    assert heard_until_all(redis, 3, member) == [[1]]
    assert anonymous.received.empty()
    assert None not in services.rooms_asked
    # From then on it hears, and no longer.
    sent = token(120)
    wait_until(lambda: anonymous.call("typing", {"room_id": 26}, sent) == {})
    say(redis, 26, 4)
    assert heard_until_all(redis, 5, anonymous, member) == [[4], [4]]
    anonymous.call("ping_user", "nonsense")
    anonymous.next("expired_token")
    for room_id in (26, 27):
        say(redis, room_id, room_id)
    assert heard_until_all(redis, 6, member) == [[26]]
    assert not anonymous.heard("updated_model")
    for client in (member, anonymous):
        client.close()
    closed.stop()
