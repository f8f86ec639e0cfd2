"""A user is offline with their last connection, wherever that was."""

import time

import pytest
from conftest import SERVICE_KEY
from instances import wait_until

from microflack_common.redis import connect as connect_redis


@pytest.fixture
def neighbour(start, redis, instance):
    """Return another instance beside the shared one."""
    neighbour = start(redis).wait_until_ready()
    yield neighbour
    neighbour.stop()


def went_offline(services, user_id):
    return wait_until(lambda: services.of(user_id, "DELETE"))


def stays_online(services, user_id):
    # Longer than it takes until somebody is set offline.
    with pytest.raises(AssertionError, match="in vain"):
        wait_until(lambda: services.of(user_id, "DELETE"), timeout=2)
    return True


def test_who_disconnects_is_offline_even_if_their_token_has_expired(
    services, connect, token
):
    client = connect()
    client.call("ping_user", token(21, lifetime=1))
    client.next("expired_token")
    client.close()
    [call] = went_offline(services, 21)
    assert call.path == "/api/users/me"


def test_a_client_that_vanishes_is_offline(services, connect, raw, token):
    client = raw().join()
    client.send(f'420["ping_user","{token(22)}"]'.encode())
    wait_until(lambda: services.of(22, "PUT"))
    client.close()
    went_offline(services, 22)


def test_nobody_is_offline_who_has_another_connection_anywhere(
    services, connect, neighbour, token
):
    clients = [connect(), connect(), connect(neighbour)]
    for client in clients:
        client.call("ping_user", token(23))
    clients[0].close()
    clients[1].close()
    assert stays_online(services, 23)
    clients[2].close()
    went_offline(services, 23)


def test_a_page_that_is_loaded_again_does_not_go_offline(services, connect, token):
    first = connect()
    first.call("ping_user", token(24))
    first.close()
    connect().call("ping_user", token(24))
    assert stays_online(services, 24)


def test_connections_of_an_instance_that_was_killed_do_not_count(
    services, redis, connect, token
):
    client = connect()
    client.call("ping_user", token(25))
    # What a killed instance leaves behind is refreshed by nobody.
    with connect_redis(redis.address) as store:
        assert 0 < store.ttl("connections:25") <= 40
        store.zadd("connections:25", {"of-a-killed-instance": time.time() - 1})
    client.close()
    went_offline(services, 25)


def test_a_connection_counts_for_the_user_who_used_it_last(services, connect, token):
    client = connect()
    client.call("ping_user", token(26))
    client.call("ping_user", token(27))
    client.close()
    went_offline(services, 27)
    assert not services.of(26, "DELETE")


def test_a_disconnect_that_is_only_an_event_changes_nothing(services, connect, token):
    client = connect()
    client.call("ping_user", token(28))
    client.emit("disconnect")
    assert stays_online(services, 28)
    assert client.connected


def test_clients_of_an_instance_that_stops_stay_online(
    services, redis, neighbour, connect, token
):
    client = connect(neighbour)
    client.call("ping_user", token(29))
    assert neighbour.stop() == 0
    wait_until(lambda: not client.connected)
    assert stays_online(services, 29)
    # It is for the instance that they come back to, and soon for no one, to count them.
    again = connect()
    again.call("ping_user", token(29))
    with connect_redis(redis.address) as store:
        wait_until(lambda: store.zcount("connections:29", time.time(), "+inf") == 1)
    again.close()
    went_offline(services, 29)


@pytest.mark.parametrize("is_known", [True, False])
def test_the_service_says_in_its_own_name_who_has_left(
    services, connect, start, redis, token, is_known
):
    """A users service of an older release does not believe it: then as the user."""
    services.services_known = is_known
    instance = start(redis, SERVICE_KEY=SERVICE_KEY).wait_until_ready()
    client = connect(instance)
    client.call("ping_user", token(24))
    client.close()
    [call] = went_offline(services, 24)
    assert call.service == ("socketio" if is_known else None)
    instance.stop()
