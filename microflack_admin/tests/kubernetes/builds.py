"""Images of this checkout and of the release before, on the tests' own engine."""

import os
import subprocess

from rendered import ADMIN, RESULTS, SERVICES

from mfplatform.packaging import sources

CHECKOUT = ADMIN.parent
OWN = {"microflack_mariadb:1": "mariadb", "microflack_redis:1": "redis"}
# Its images are of two releases. Any service would do that has a database.
UPGRADED = "users"


def version(service):
    """Return the version that a service's folder has."""
    return (CHECKOUT / f"microflack_{service}" / "VERSION").read_text().strip()


def release_before(service):
    """Return the last release that is not what the folder has."""
    known = sources.releases(CHECKOUT, service)
    return next(number for number in known if number != version(service))


def build_all(engine):
    """Build the images of the folders, and of one service's release before."""
    names = [_build_ecs(engine)]
    for name, folder in OWN.items():
        engine.docker("build", "--quiet", "--tag", name, ADMIN / "images" / folder)
        names.append(name)
    for service in SERVICES:
        folder = CHECKOUT / f"microflack_{service}"
        names.append(_build(engine, folder, version(service)))
    return [*names, _build_release(engine, UPGRADED, release_before(UPGRADED))]


def _build_ecs(engine):
    folder = ADMIN / "install" / "ecs" / "image"
    name = f"microflack_ecs:{(folder / 'VERSION').read_text().strip()}"
    engine.docker(
        "build", "--quiet", "--tag", name, "--file", folder / "Dockerfile", ADMIN
    )
    return name


def _build(engine, folder, tag):
    """Build a service's image as people do; return its name."""
    wheels = str(RESULTS.parent / "wheelhouse")
    found = os.environ | {"DOCKER_HOST": engine.address, "WHEELHOUSE": wheels}
    command = [folder / "build.sh", tag]
    done = subprocess.run(command, env=found, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _build_release(engine, service, release):
    """Build the image of a release from the history."""
    folder = engine.folder / f"microflack_{service}"
    folder.mkdir()
    sources.stage(CHECKOUT / folder.name, service, release, folder)
    return _build(engine, folder, release)
