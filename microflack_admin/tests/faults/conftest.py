"""A whole MicroFlack with two instances of each service, and people who use it."""

import json

import pytest
from chat import Person, Platform
from crowd import Crowd

SERVICES = ("messages", "socketio", "tokens", "ui", "users")
PARTS = ("etcd", "registry", "mariadb", "redis", "haproxy", "renderer")


class Doubled(Platform):
    """A platform whose processes can be found by the names that mfstatus shows."""

    def pid(self, name):
        """Return the process of a part, an instance or a service's first instance."""
        shown = self.run("mfstatus", "--json", check=False).stdout
        status = json.loads(shown)
        rows = {row["name"]: row["pid"] for row in status["parts"]}
        for row in reversed(status["instances"]):
            rows[row["instance"]] = rows[row["service"]] = row["pid"]
        return rows[name]


@pytest.fixture(scope="session")
def platform(tmp_path_factory):
    """Bring everything up, with a second instance of each service."""
    platform = Doubled(tmp_path_factory.mktemp("faults") / "home")
    try:
        platform.run("mfup")
        for service in SERVICES:
            platform.run("mfrun", service)
        yield platform
    finally:
        platform.run("mfdown", check=False)


@pytest.fixture(scope="session")
def person(platform):
    """Return somebody who has an account."""
    return Person(platform.url, "somebody")


@pytest.fixture
def crowd(person):
    """Return people who write, read and listen, once everything works."""
    crowd = Crowd(person)
    with crowd.listening():
        crowd.wait_until_it_works()
        yield crowd
