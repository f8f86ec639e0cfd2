"""mfkill."""

import http.client
import json
import os
import signal
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from daemons import wait_for
from platforms import Platform
from under_load import under_load

from mfplatform.state import lb_state
from microflack_common.registry import Registry

pytest_plugins = ["platform_fixtures"]


def names(platform: Platform) -> list[str]:
    return [one["instance"] for one in platform.status()["instances"]]


def test_mfkill_takes_one_a_service_or_all(platform: Platform) -> None:
    (first,) = names(platform)
    more = [platform.done("mfrun", "echo") for _ in range(3)]
    assert platform.done("mfkill", more[0]) == more[0]
    assert names(platform) == [first, *more[1:]]
    killed = platform.done("mfkill", "echo").split()
    assert sorted(killed) == sorted([first, *more[1:]])
    assert platform.get("/api/echo")[0] == 404 or platform.get("/api/echo")[0] == 503
    again = platform.done("mfrun", "echo")
    assert platform.done("mfkill", "all") == again
    nothing = platform.mf("mfkill", "echo")
    assert (nothing.returncode, nothing.stdout) == (0, "")
    assert "nothing to do" in nothing.stderr


def test_mfkill_lets_a_slow_request_finish(platform: Platform) -> None:
    name = platform.done("mfrun", "echo")
    with ThreadPoolExecutor(2) as pool:
        slow = [pool.submit(platform.get, "/api/echo?wait=2") for _ in range(2)]
        wait_for(lambda: not any(one.done() for one in slow))
        platform.done("mfkill", name)
        answers = [one.result() for one in slow]
    assert [status for status, _ in answers] == [200, 200]


def test_mfkill_loses_no_request_under_load(platform: Platform) -> None:
    killed = [platform.done("mfrun", "echo") for _ in range(2)]
    with under_load(platform) as statuses:
        for name in killed:
            platform.done("mfkill", name)
    assert statuses == {200}


def test_mfkill_waits_for_connections_that_know_nothing_newer(
    platform: Platform,
) -> None:
    registry = Registry(platform.registry)
    (name,) = names(platform)
    connection = http.client.HTTPConnection("127.0.0.1", platform.port, timeout=60)
    connection.request("GET", "/api/echo")
    assert connection.getresponse().read()
    with ThreadPoolExecutor() as pool:
        # A new service: HAProxy is given a new configuration.
        registry.put("/services/other/location", "/other")
        wait_for(lambda: lb_state.read(registry)[0].old_processes == 1)
        killing = pool.submit(platform.done, "mfkill", name)
        wait_for(lambda: lb_state.read(registry)[0].state("echo", name) is None)
        assert not killing.done()
        connection.request("GET", "/api/echo")
        answer = connection.getresponse()
        assert (answer.status, json.load(answer)["instance"]) == (200, name)
        assert killing.result() == name
    registry.delete("/services/other/location")


def test_mfkill_stops_an_instance_that_hangs(platform: Platform) -> None:
    name = platform.done("mfrun", "echo")
    os.kill(platform.pid(name), signal.SIGSTOP)
    assert platform.done("mfkill", name) == name
    assert name not in names(platform)


def test_a_last_refresh_of_its_key_leaves_no_ghost(platform: Platform) -> None:
    before = names(platform)
    name = platform.done("mfrun", "echo", "--", "REFRESHES_LATE=yes")
    platform.done("mfkill", name)
    assert names(platform) == before


def test_what_works_is_given_time_though_the_load_balancer_hangs(
    platform: Platform,
) -> None:
    name = platform.done("mfrun", "echo")
    (row,) = (x for x in platform.status()["instances"] if x["instance"] == name)
    registry = Registry(platform.registry)
    renderer = platform.pid("renderer")
    os.kill(renderer, signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(2) as pool:
            # Longer than mfkill waits for the load balancer, and than a mere hint.
            url = f"http://{row['address']}/?wait=42"
            slow = pool.submit(urllib.request.urlopen, url, timeout=60)
            killing = pool.submit(platform.mf, "mfkill", name)
            wait_for(lambda: registry.get(f"/services/echo/upstream/{name}") is None)
            # On a busy machine mfkill waits for longer than this one lives.
            registry.delete(lb_state.KEY)
            result = killing.result()
            with slow.result() as answer:
                assert json.load(answer)["instance"] == name
    finally:
        os.kill(renderer, signal.SIGCONT)
    assert (result.returncode, result.stdout) == (0, f"{name}\n")
    assert "the load balancer may still ask it after 35 s" in result.stderr
