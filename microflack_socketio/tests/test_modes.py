"""The service works the same in every async mode, from start to stop."""

import threading
import time

import pytest
from instances import handshake, publish, wait_until
from rooms import come, go, heard_until_all, private, say

from microflack_common.serve import answers_ready

MODES = ["eventlet", "gevent", "threading"]


@pytest.fixture(params=MODES)
def instance(request, start, redis, services):
    """Return an instance in this mode."""
    instance = start(redis, ASYNC_MODE=request.param).wait_until_ready()
    yield instance
    instance.stop()


def test_an_instance_serves_and_ends_promptly_with_clients(
    instance, redis, services, connect, token
):
    clients = [connect(transport=kind) for kind in ("websocket", "polling") * 3]
    for number, client in enumerate(clients):
        answer = client.call("post_message", {"source": str(number)}, token(51))
        assert answer["source"] == str(number)
    for number in range(20):
        publish(redis, {"id": number, "html": "x" * 3000})
    for client in clients:
        # The client itself handles events side by side: they may change places.
        assert {client.next()["model"]["id"] for _ in range(20)} == set(range(20))
    started = time.monotonic()
    instance.tell_to_stop()
    refused = wait_until(lambda: _refused(instance))
    assert refused.getheader("Retry-After")
    assert instance.stop() == 0
    assert time.monotonic() - started < 10
    for client in clients:
        wait_until(lambda client=client: not client.connected)


def test_many_clients_are_sent_away_a_few_at_a_time(instance, connect):
    clients = [connect() for _ in range(10)]
    left = []

    def watch(client):
        wait_until(lambda: not client.connected, 15)
        left.append(time.monotonic())

    watchers = [threading.Thread(target=watch, args=[client]) for client in clients]
    for watcher in watchers:
        watcher.start()
    # As a container engine does it, which signals only the first process.
    assert instance.stop(group=False) == 0
    for watcher in watchers:
        watcher.join()
    # A tenth of a second apart: all at once would be less than that.
    assert max(left) - min(left) > 0.4


def test_an_instance_outlives_its_supervisor(start, redis):
    instances = [start(redis, supervised=True, ASYNC_MODE=mode) for mode in MODES]
    for instance in instances:
        instance.wait_until_ready().kill_first_process()
    # Longer than it takes a worker to see that its parent has gone.
    with pytest.raises(AssertionError, match="in vain"):
        wait_until(lambda: any(i.ended_wholly() for i in instances), timeout=3)
    for instance in instances:
        assert answers_ready(instance.address)
        instance.stop()


def test_a_worker_does_not_outlive_its_arbiter(start, redis):
    instances = [start(redis, ASYNC_MODE=mode) for mode in MODES]
    for instance in instances:
        instance.wait_until_ready().kill_first_process()
    for instance in instances:
        wait_until(instance.ended_wholly)


def _refused(instance):
    try:
        answer = handshake(instance.address)
    except OSError:
        return None
    return answer if answer.status == 503 else None


def test_rooms_are_heard_by_who_is_in_them(instance, redis, services, connect, token):
    services.rooms_of = {61: [private(5)]}
    member, other = [
        connect(auth={"rooms": True, "token": token(user_id)}) for user_id in (61, 62)
    ]
    call = ("typing", {"room_id": 5}, token(61))
    wait_until(lambda: member.call(*call) == {})
    say(redis, 5, 1)
    assert heard_until_all(redis, 2, member, other) == [[1], []]
    come(redis, 62, private(5))
    go(redis, 61, 5)
    say(redis, 5, 3)
    assert heard_until_all(redis, 4, member, other) == [[], [3]]
    assert other.call("typing", {"room_id": 5}, token(62)) == {}
    assert "not in this room" in member.call(*call)["error"]
