"""A MicroFlack in which each service can be given any of its releases."""

import subprocess

import pytest
from chat import Platform, released_services

NEWEST = "latest"


def known_releases():
    """Return the releases of each service, the oldest first, then what is here."""
    known = {}
    for name, number in reversed(released_services()):
        known.setdefault(name, []).append(number)
    return {name: [*sorted(n, key=float), NEWEST] for name, n in known.items()}


class Mixture(Platform):
    """A platform that knows which release of each service runs."""

    def __init__(self, home):
        super().__init__(home)
        self.running = {}

    def start(self):
        """Start all services as they are here, and build all their releases."""
        self.run("mfup")
        for service, releases in known_releases().items():
            self.running[service] = NEWEST
            self.run("mfbuild", *(f"{service}@{n}" for n in releases[:-1]))

    def mix(self, wanted):
        """Have these releases run, each on a database as it made or found it."""
        for service, release in wanted.items():
            if release == self.running[service]:
                continue
            if release == NEWEST:
                self.run("mfupgrade", "roll", service, "--watch", "0")
            else:
                self.begin_anew(service, release)
            self.running[service] = release

    def begin_anew(self, service, release):
        """Run a release as if there had never been a newer one."""
        self.run("mfkill", service)
        client = f"--defaults-file={self.home / 'mariadb' / 'client.cnf'}"
        drop = f"DROP DATABASE IF EXISTS {service}"
        subprocess.run(["mariadb", client, "-e", drop], check=True)
        self.run("mfrun", service, release)


@pytest.fixture(scope="session")
def platform(tmp_path_factory):
    """Start everything, and stop it at the end."""
    platform = Mixture(tmp_path_factory.mktemp("skew") / "home")
    try:
        platform.start()
        yield platform
    finally:
        platform.run("mfdown", check=False)
