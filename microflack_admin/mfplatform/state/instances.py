"""The instances of services that this platform runs."""

import json
import shutil
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from mfplatform.secrets_store import roles, store
from mfplatform.state import (
    access,
    files_store,
    instance_numbers,
    membership,
    ports,
    releases,
    traces,
)
from mfplatform.state.home import Home, PlatformError, read_env, write_private

# What an instance began may take that long; a second of it is the usual.
STOP_TIMEOUT_SECONDS = 40


@dataclass(frozen=True)
class Image:
    """What an instance is made from: its id, and the version of the service in it.

    ``runs_beside`` is the oldest release that may run beside it; empty if all may.
    ``knows_access`` says whether that does as ACCESS says.
    """

    id: str
    version: str
    runs_beside: str = ""
    knows_access: bool = False


@dataclass(frozen=True)
class Build:
    """What a build came to: the image's id, and whether it had to be made."""

    id: str
    made: bool


@dataclass(frozen=True)
class Instance:
    """One instance: what it runs, where it listens, and its own extra settings."""

    name: str
    service: str
    image: str
    tag: str
    version: str
    port: int
    created: float
    settings: Mapping[str, str] = field(default_factory=dict)
    runs_beside: str = ""

    @property
    def key(self) -> str:
        """Its key in the registry."""
        return f"/services/{self.service}/upstream/{self.name}"


def all_instances(home: Home) -> list[Instance]:
    """Return the instances that run, or ran when the platform was stopped."""
    found = []
    for file in home.instances.glob("*/instance.json"):
        try:
            found.append(Instance(**json.loads(file.read_text(encoding="utf-8"))))
        except FileNotFoundError:
            continue
        except (ValueError, TypeError):
            _set_aside(file)
    return sorted(found, key=lambda one: (one.service, _number(one.name)))


def _set_aside(file: Path) -> None:
    """Put a record that nobody can read where it stops nothing."""
    aside = file.with_suffix(".broken")
    with suppress(FileNotFoundError):
        file.replace(aside)
    print(
        f"The record of the instance {file.parent.name} cannot be read, so it is left "
        f"out (it is kept as {aside}). Start another one with: mfrun SERVICE",
        file=sys.stderr,
    )


def _number(name: str) -> int:
    return int(name.rpartition("-")[2])


def no_image(service: str, tag: str, known: Iterable[str]) -> PlatformError:
    """Return what to say when there is no image with a tag."""
    there_are = ", ".join(sorted(known)) or "none"
    return PlatformError(
        f"there is no image {service}:{tag} (there are: {there_are}). "
        f"Build it with: mfbuild {service}" + ("" if tag == "latest" else f"@{tag}")
    )


def create(
    home: Home, service: str, tag: str, image: Image, settings: Mapping[str, str]
) -> Instance:
    """Make a new instance's record, with a name and a port of its own.

    :raises PlatformError: it may not stand beside one that runs.
    """
    with home.locked("instances"):
        # Here, since two may be started at the same time.
        others = [one for one in all_instances(home) if one.service == service]
        if other := releases.in_the_way(image, others):
            raise PlatformError(releases.conflict(service, image, other))
        name = f"{service}-{instance_numbers.take(home, service)}"
        instance = Instance(
            name=name,
            service=service,
            image=image.id,
            tag=tag,
            version=image.version,
            port=free_port(home, name),
            created=round(time.time(), 3),
            settings=dict(settings),
            runs_beside=image.runs_beside,
        )
        save(home, instance)
    return instance


def free_port(home: Home, name: str) -> int:
    """Return a free port that no instance of any platform has, for a new one."""
    first, last = map(int, home.settings["INSTANCE_PORTS"].split("-"))
    taken = {one.port for one in all_instances(home)}
    return ports.pick(range(first, last + 1), taken, _record(home, name))


def _record(home: Home, name: str) -> Path:
    return home.instances / name / "instance.json"


def save(home: Home, instance: Instance) -> None:
    """Record an instance."""
    file = _record(home, instance.name)
    write_private(file, json.dumps(asdict(instance), indent=1))


def forget(home: Home, name: str) -> None:
    """Remove an instance's record."""
    shutil.rmtree(home.instances / name, ignore_errors=True)


def environment_file(home: Home, name: str) -> Path:
    """Return the file that holds an instance's environment."""
    return home.instances / name / "env"


def environment(
    home: Home, instance: Instance, service_settings: Mapping[str, str]
) -> dict[str, str]:
    """Return what an instance is given; makes its accounts if there are none yet.

    :param service_settings: what the service's service.env says.
    :raises PlatformError: it does not know who may read.
    """
    if "SERVICE_URL" not in service_settings:
        raise PlatformError(f"{instance.service}'s service.env has no SERVICE_URL")
    knows_access = service_settings.get(membership.KNOWN) == "yes"
    membership.check(home.settings, instance.service, instance.version, knows_access)
    given = {
        "LB": home.services_balancer,
        "LB_ALGORITHM": service_settings.get("LB_ALGORITHM", "roundrobin"),
        "ACCESS": membership.access(home.settings),
        "SERVICE_NAME": instance.service,
        "SERVICE_URL": service_settings["SERVICE_URL"],
        "SERVICE_ADDRESS": f"{home.host}:{instance.port}",
        "SERVICE_VERSION": instance.version,
        "INSTANCE_NAME": instance.name,
        "HOST_IP_ADDRESS": home.host,
        # Otherwise each thread keeps what it once needed: hashing passwords in eight
        # threads left 200 MB behind.
        "MALLOC_ARENA_MAX": "1",
    }
    if limits := home.settings.get("MF_LIMITS"):
        given["MF_LIMITS"] = limits
    if locations := service_settings.get("SERVICE_LOCATIONS"):
        given["SERVICE_LOCATIONS"] = locations
    given |= files_store.given(home.settings, service_settings)
    given |= traces.given(home.settings)
    given |= _way_in(home, instance, service_settings)
    return given | dict(instance.settings)


def _way_in(
    home: Home, instance: Instance, service_settings: Mapping[str, str]
) -> dict[str, str]:
    """Return what lets an instance in: its secrets, or how to get them at its start."""
    if not store.holds_secrets(home):
        return access.of_service(home, instance.service, service_settings)
    before = read_env(environment_file(home, instance.name))
    return roles.environment(
        home, instance.name, instance.service, service_settings, before
    )
