"""Redis goes away and comes back."""

import requests
from instances import publish, wait_until
from rooms import heard_until_all, private, public, say

from microflack_common.testing import RedisServer, redis_server


def test_events_flow_again_soon_after_redis_is_back(start, connect):
    with redis_server() as redis:
        instance = start(redis).wait_until_ready()
        clients = [connect(instance), connect(instance, transport="polling")]
        redis.stop()
        wait_until(lambda: _status(instance, "/readyz") == 503)
        answer = requests.get(f"{instance.url}/readyz", timeout=10)
        assert "redis" in answer.json()["error"]
        redis.start()
        for client in clients:
            # This tells clients to fetch what they missed.
            client.next("catch_up", timeout=5)
        publish(redis, {"id": 1})
        for client in clients:
            assert client.next()["model"] == {"id": 1}
        assert instance.stop() == 0


def test_after_a_gap_it_is_asked_anew_who_is_in_a_room(start, services, connect, token):
    services.rooms_of = {42: [private(5)], 43: [private(5)], None: [public(6)]}
    with redis_server() as redis:
        instance = start(redis).wait_until_ready()
        stays, goes = [
            connect(instance, auth={"rooms": True, "token": token(user_id)})
            for user_id in (42, 43)
        ]
        anonymous = connect(instance, auth={"rooms": True})
        clients = (stays, goes, anonymous)
        wait_until(lambda: len(services.rooms_asked) == 3)
        redis.stop()
        wait_until(lambda: _status(instance, "/readyz") == 503)
        services.rooms_of[43] = []
        services.rooms_slow.clear()
        redis.start()
        for client in clients:
            client.next("catch_up")
        say(redis, 5, 1)
        # Until there is an answer nobody hears it, who may have been expelled.
        assert heard_until_all(redis, 2, *clients) == [[], [], []]
        services.rooms_slow.set()
        for client in clients:
            client.next("catch_up")
        say(redis, 5, 3)
        say(redis, 6, 4)
        assert heard_until_all(redis, 5, *clients) == [[3], [], [4]]
        for client in clients:
            client.close()


def test_an_instance_starts_without_redis_and_is_ready_with_it(
    start, services, connect, token
):
    redis = RedisServer()
    instance = start(redis)
    wait_until(lambda: _status(instance, "/readyz") == 503, 30)
    assert _status(instance, "/healthz") == 200
    # What needs no queue works.
    client = connect(instance)
    assert client.call("ping_user", token(41)) == {}
    try:
        redis.start()
        instance.wait_until_ready()
        publish(redis, {"id": 2})
        assert client.next()["model"] == {"id": 2}
        client.close()
    finally:
        redis.stop()
    wait_until(lambda: services.of(41, "DELETE"))
    assert instance.stop() == 0


def _status(instance, path):
    try:
        return requests.get(f"{instance.url}{path}", timeout=10).status_code
    except requests.ConnectionError:
        return None
