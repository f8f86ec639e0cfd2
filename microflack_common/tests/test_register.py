"""An instance is in the registry while it is ready, and only then."""

import threading

import pytest

from microflack_common.config import Environment, Instance
from microflack_common.register import Registration
from microflack_common.testing import FakeRegistry

KEY = "/services/users/upstream/users-1"


@pytest.fixture
def registry():
    """Return a registry in memory."""
    return FakeRegistry()


@pytest.fixture
def ready():
    """Return the switch that makes the instance ready; it is on."""
    event = threading.Event()
    event.set()
    return event


@pytest.fixture
def refresh_seconds():
    """Return the time between two refreshes."""
    return 0.01


@pytest.fixture
def registration(registry, ready, refresh_seconds, request):
    """Return the registration of an instance; it is ended after the test.

    Its parameters are settings of the instance.
    """
    values = {
        "SERVICE_NAME": "users", "INSTANCE_NAME": "users-1", "ETCD": "x",
        "SERVICE_URL": "/api/users", "SERVICE_ADDRESS": "127.0.0.1:5000",
    } | getattr(request, "param", {})  # fmt: skip
    instance = Instance.from_environment(Environment(values))
    registration = Registration(registry, instance, ready.is_set, refresh_seconds)
    yield registration
    registry.away = False
    registration.leave()


def has_ended():
    return not any(one.name == "registration" for one in threading.enumerate())


def test_a_ready_instance_writes_what_the_load_balancer_needs(registry, registration):
    registration.start()
    assert registry.wait_for(KEY)
    assert registry.values == {
        "/services/users/location": "/api/users",
        "/services/users/backend/balance": "roundrobin",
        KEY: "127.0.0.1:5000",
    }
    assert registry.ttls[KEY] == 50
    assert registry.ttls["/services/users/location"] is None


@pytest.mark.parametrize(
    "registration", [{"SERVICE_LOCATIONS": "/api/rooms /a/b"}], indirect=True
)
def test_an_instance_may_have_more_locations_than_one(registry, registration):
    registration.start()
    assert registry.wait_for(KEY)
    assert registry.values["/services/users/location"] == "/api/users"
    assert registry.values["/services/users/locations/api-rooms"] == "/api/rooms"
    assert registry.values["/services/users/locations/a-b"] == "/a/b"


def test_an_instance_that_is_not_ready_is_not_there(registry, ready, registration):
    ready.clear()
    registration.start()
    assert not registry.wait_for(KEY, timeout=0.2)
    ready.set()
    assert registry.wait_for(KEY)


def test_leaving_takes_the_key_away_for_good(registry, registration):
    registration.start()
    assert registry.wait_for(KEY)
    registration.leave()
    assert KEY not in registry.values
    assert has_ended()


@pytest.mark.parametrize("refresh_seconds", [3600.0])
def test_who_leaves_lets_its_successor_be(registry, registration):
    registration.start()
    assert registry.wait_for(KEY)
    registry.put(KEY, "192.0.2.7:5000")
    registration.leave()
    assert registry.values[KEY] == "192.0.2.7:5000"


def test_an_instance_that_was_never_ready_can_leave(registry, ready, registration):
    ready.clear()
    registration.start()
    registration.leave()
    assert has_ended()


def test_a_registry_that_is_away_is_tried_again(registry, registration, caplog):
    registry.away = True
    registration.start()
    assert not registry.wait_for(KEY, timeout=0.1)
    registry.away = False
    assert registry.wait_for(KEY)
    assert caplog.text.count("Cannot register, trying again") == 1


def test_a_key_that_vanished_comes_back(registry, registration):
    registration.start()
    assert registry.wait_for(KEY)
    for key in list(registry.values):
        registry.delete(key)
    assert registry.wait_for(KEY)
    assert registry.wait_for("/services/users/location")


def test_an_instance_can_leave_without_the_registry(registry, registration):
    registration.start()
    assert registry.wait_for(KEY)
    registry.away = True
    registration.leave()
    assert has_ended()
