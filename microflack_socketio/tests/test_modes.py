"""The service works the same in every async mode, from start to stop."""

import threading
import time

import pytest
from instances import handshake, publish, wait_until


@pytest.fixture(params=["eventlet", "gevent", "threading"])
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
    assert instance.stop() == 0
    for watcher in watchers:
        watcher.join()
    # A tenth of a second apart: all at once would be less than that.
    assert max(left) - min(left) > 0.4


def _refused(instance):
    try:
        answer = handshake(instance.address)
    except OSError:
        return None
    return answer if answer.status == 503 else None
