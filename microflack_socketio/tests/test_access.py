"""Who hears what, by the token that their connection used last."""

import shutil
import time

import pytest
from instances import publish, wait_until

from microflack_common.claims import Claims
from microflack_common.registry import Registry
from microflack_common.revocation import Cut, Revocations
from microflack_common.testing_etcd import etcd_server
from microflack_common.tokens import encode_claims


@pytest.fixture(scope="module")
def etcd(tmp_path_factory):
    """Return a running etcd."""
    if not shutil.which("etcd"):
        pytest.skip("etcd is not installed (Debian package etcd-server)")
    with etcd_server(tmp_path_factory.mktemp("etcd") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def revocations(etcd):
    """Return what writes into the registry what was ended."""
    revocations = Revocations(*[Registry(etcd.url)] * 3)
    revocations.keys.put("complete", "1")
    return revocations


@pytest.fixture(scope="module")
def members_only(start, redis, etcd, revocations):
    """Return two instances that only members hear something of."""
    settings = {"ACCESS": "members", "ETCD": etcd.url}
    instances = [start(redis, **settings) for _ in range(2)]
    return [instance.wait_until_ready() for instance in instances]


@pytest.fixture
def of_session(behind):
    """Return a function that issues a token of a session."""
    count = iter(range(1000))

    def of_session(user_id=1, session_id="s", generation=0):
        now = int(time.time())
        token_id = f"{session_id}-{next(count)}"
        claims = Claims(user_id, now, now + 3600, token_id, session_id, generation, now)
        with behind[0].app.app_context():
            return encode_claims(claims)

    return of_session


def heard_of(client):
    """Return the ids of the messages that a client has heard of; forgets them."""
    ids = []
    while not client.received.empty():
        event, *arguments = client.received.get()
        if event == "updated_model":
            ids.append(arguments[0]["model"]["id"])
    return ids


def say(redis, listener, number, **options):
    """Publish a message, and wait until somebody who surely hears it does."""
    publish(redis, {"id": number}, **options)
    while listener.next()["model"]["id"] != number:
        pass


def test_where_reading_is_open_everybody_hears_what_is_public(
    services, redis, connect, token
):
    one, signed_in = connect(), connect(auth={"token": token(41)})
    bad = connect(auth={"token": "nonsense"})
    bad.next("expired_token")
    for number, client in enumerate((one, signed_in, bad)):
        say(redis, client, number)


def test_where_members_only_hear_nobody_else_does(
    services, redis, connect, members_only, token
):
    member = connect(members_only[0], auth={"token": token(41)})
    strangers = [
        connect(members_only[0]),
        connect(members_only[0], auth={}),
        connect(members_only[0], auth={"token": 7}),
        connect(members_only[0], auth={"token": "nonsense"}),
        connect(members_only[0], auth={"token": token(41, lifetime=-1)}),
        connect(members_only[0], transport="polling"),
    ]
    for number in range(3):
        say(redis, member, number)
    for stranger in strangers[2:5]:
        stranger.next("expired_token")
    assert [heard_of(stranger) for stranger in strangers] == [[]] * 6
    for stranger in strangers:
        stranger.call("ping_user", token(42))
        say(redis, member, 10)
        assert stranger.next()["model"]["id"] == 10


def test_a_bad_token_takes_away_what_an_earlier_one_gave(
    services, redis, connect, members_only, token
):
    member, client = [connect(members_only[0], auth={"token": token(41)}) for _ in "12"]
    say(redis, client, 1)
    client.call("ping_user", "nonsense")
    client.next("expired_token")
    say(redis, member, 2)
    say(redis, member, 3)
    assert heard_of(client) == []
    client.call("ping_user", token(41))
    say(redis, client, 4)


def test_a_token_that_has_expired_gives_nothing_any_more(
    services, redis, connect, members_only, token
):
    member = connect(members_only[0], auth={"token": token(41)})
    client = connect(members_only[0], auth={"token": token(41, lifetime=2)})
    say(redis, client, 1)
    client.next("expired_token")
    say(redis, member, 2)
    assert heard_of(client) == []


def test_people_hear_what_is_for_them_alone(services, redis, connect, token):
    client, other = connect(auth={"token": token(47)}), connect()
    other.call("ping_user", token(48))
    say(redis, client, 1, room="user:47")
    say(redis, other, 2)
    assert heard_of(other) == []
    # Another user of the same connection.
    client.call("ping_user", token(48))
    say(redis, client, 3, room="user:48")
    publish(redis, {"id": 4}, room="user:47")
    say(redis, client, 5)
    assert 4 not in heard_of(client)


def until():
    return int(time.time()) + 3600


WAYS = {
    "a session": lambda to: to.end_session("ended", until()),
    "a user": lambda to: to.end_all(Cut(1, 0), 31, until()),
    "deactivated": lambda to: to.rights.write(31, admin=False, deactivated=True),
    "everybody": lambda to: to.end_all(Cut(3, 0), None, until()),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_was_ended_is_told_to_its_connections_everywhere(
    services, redis, connect, members_only, of_session, revocations, way
):
    session_id = "ended" if way == "a session" else "goes-on"
    # What one way has ended is not seen to be ended by the next one.
    generation = list(WAYS).index(way) - 1
    ended = [
        connect(instance, auth={"token": of_session(31, session_id, generation)})
        for instance in members_only
    ]
    others = [
        connect(instance, auth={"token": of_session(32, "stays", 3)})
        for instance in members_only
    ]
    for client in (*ended, *others):
        publish(redis, {"id": 1})
        client.next()
    try:
        WAYS[way](revocations)
        for client in ended:
            client.next("expired_token")
            heard_of(client)
        for client in others:
            say(redis, client, 2)
        assert [heard_of(client) for client in ended] == [[], []]
        assert not any(client.heard("expired_token") for client in others)
    finally:
        revocations.rights.write(31, admin=False, deactivated=False)


def test_while_it_is_not_known_what_was_ended_nobody_hears(
    services, redis, connect, members_only, of_session, revocations
):
    client = connect(members_only[0], auth={"token": of_session(33, "t", 9)})
    say(redis, client, 1)
    revocations.keys.delete("complete")

    def is_unknown():
        answer = client.call("ping_user", of_session(33, "t", 9))
        return "right now" in answer.get("error", "")

    try:
        wait_until(is_unknown)
        publish(redis, {"id": 2})
        late = connect(members_only[0], auth={"token": of_session(33, "t", 9)})
    finally:
        revocations.keys.put("complete", "1")
    client.next("catch_up")
    late.next("catch_up")
    for one in (client, late):
        say(redis, one, 3)
    assert not client.heard("expired_token")
