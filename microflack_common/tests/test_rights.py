"""Who is an administrator, and who was deactivated."""

import pytest
from waiting import wait_for

from microflack_common import revocation, rights
from microflack_common.errors import ServiceUnavailable
from microflack_common.registry import Registry
from microflack_common.rights import Rights
from microflack_common.testing import FakeRegistry


@pytest.fixture
def follow():
    """Return a function that follows the rights in a registry."""

    def follow(registry):
        one = Rights(registry)
        one.keys.start()
        return one

    return follow


def test_every_instance_knows_within_a_second(etcd, follow):
    one, other = follow(Registry(etcd.url)), follow(Registry(etcd.url))
    assert not other.is_admin(1)
    one.write(1, admin=True, deactivated=False)
    one.write(2, admin=True, deactivated=True)
    assert one.is_admin(1)
    wait_for(lambda: other.is_admin(1) and other.is_deactivated(2), timeout=1)
    assert not other.is_admin(2)
    assert not other.is_deactivated(1)
    one.write(1, admin=False, deactivated=False)
    wait_for(lambda: not other.is_admin(1), timeout=1)
    assert Registry(etcd.url).get("/rights/users/1") is None


def test_nobody_is_known_to_be_anything_once_the_data_are_lost(follow):
    registry = FakeRegistry()
    registry.put("/rights/users/1", '{"admin": true}')
    registry.put("/rights/complete", "1")
    one = follow(registry)
    assert one.is_admin(1)
    registry.delete("/rights/complete")
    wait_for(lambda: "complete" not in one.keys.values)
    for question in (one.is_admin, one.is_deactivated):
        with pytest.raises(ServiceUnavailable):
            question(1)
    registry.put("/rights/complete", "1")
    wait_for(lambda: "complete" in one.keys.values)
    assert one.is_admin(1)


@pytest.mark.parametrize("value", ["", "admin", "[]", "7", "[1]", "null"])
def test_what_makes_no_sense_is_left_out(follow, value):
    registry = FakeRegistry()
    registry.put("/rights/users/1", value)
    registry.put("/rights/users/x", '{"admin": true}')
    registry.put("/rights/users/2", '{"admin": true}')
    one = follow(registry)
    assert [one.is_admin(1), one.is_admin(2), one.is_admin(None)] == [
        False,
        True,
        False,
    ]


def test_an_application_knows_the_rights_of_its_platform(app):
    registry = FakeRegistry()
    registry.put("/rights/users/1", '{"admin": true}')
    revocation.init_app(app, registry)
    app.test_client().get("/healthz")
    with app.app_context():
        assert rights.is_admin(1)
        assert not rights.is_admin(2)
        assert not rights.is_deactivated(1)
