"""The instances of services that this platform runs as processes."""

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from mfplatform import database, ports
from mfplatform.programs import SYSTEM_PATH, Program, base_environment
from mfplatform.settings import Home, PlatformError, read_env, write_private


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

    @property
    def key(self) -> str:
        """Its key in the registry."""
        return f"/services/{self.service}/upstream/{self.name}"


def all_instances(home: Home) -> list[Instance]:
    """Return the instances that run, or ran when the platform was stopped."""
    found = []
    for file in home.instances.glob("*/instance.json"):
        found.append(Instance(**json.loads(file.read_text(encoding="utf-8"))))
    return sorted(found, key=lambda one: (one.service, _number(one.name)))


def _number(name: str) -> int:
    return int(name.rpartition("-")[2])


def image_of(home: Home, service: str, tag: str) -> Path:
    """Return the folder of a service's image, by one of its tags or by its id."""
    tags = home.images / service / "tags"
    for folder in ((tags / tag).resolve(), home.images / service / tag):
        if "/" not in tag and (folder / "complete").exists():
            return folder
    known = ", ".join(sorted(p.name for p in tags.glob("*"))) or "none"
    raise PlatformError(
        f"there is no image {service}:{tag} (there are: {known}). "
        f"Build it with: mfbuild {service}" + ("" if tag == "latest" else f"@{tag}")
    )


def version_of(image: Path) -> str:
    """Return the version of the service that an image holds."""
    return (image / "app" / "VERSION").read_text(encoding="utf-8").strip()


def create(home: Home, service: str, tag: str, settings: Mapping[str, str]) -> Instance:
    """Make a new instance's record, with a name and a port of its own."""
    image = image_of(home, service, tag)
    with home.locked("instances"):
        instance = Instance(
            name=f"{service}-{_next_number(home, service)}",
            service=service,
            image=image.name,
            tag=tag,
            version=version_of(image),
            port=free_port(home),
            created=round(time.time(), 3),
            settings=dict(settings),
        )
        save(home, instance)
    return instance


def _next_number(home: Home, service: str) -> int:
    # Kept apart from the instances, since a name is never used again.
    file = home.instances / ".numbers" / service
    number = int(file.read_text()) + 1 if file.exists() else 1
    write_private(file, str(number))
    return number


def free_port(home: Home) -> int:
    """Return a free port that no instance of this platform has."""
    first, last = map(int, home.settings["INSTANCE_PORTS"].split("-"))
    taken = {one.port for one in all_instances(home)}
    return ports.pick(range(first, last + 1), taken)


def save(home: Home, instance: Instance) -> None:
    """Record an instance."""
    file = home.instances / instance.name / "instance.json"
    write_private(file, json.dumps(asdict(instance), indent=1))


def forget(home: Home, name: str) -> None:
    """Remove an instance's record."""
    shutil.rmtree(home.instances / name, ignore_errors=True)


def program(home: Home, instance: Instance) -> Program:
    """Describe an instance to the supervisor; makes its database if it needs one."""
    image = home.images / instance.service / instance.image
    if not (image / "complete").exists():
        raise PlatformError(f"the image of {instance.name} is gone: {image}")
    return Program(
        name=instance.name,
        command=["./boot.sh"],
        directory=image / "app",
        environment=_environment(home, instance, image),
        environment_file=home.instances / instance.name / "env",
        # What it began may take that long; a second of it is the usual.
        stop_seconds=40,
    )


def _environment(home: Home, instance: Instance, image: Path) -> dict[str, str]:
    facts = read_env(image / "app" / "service.env")
    if "SERVICE_URL" not in facts:
        raise PlatformError(f"{instance.service}'s service.env has no SERVICE_URL")
    settings, kept = home.settings, home.secrets
    environment = base_environment() | {
        "PATH": f"{image / 'venv' / 'bin'}:{SYSTEM_PATH}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LB": home.balancer,
        "LB_ALGORITHM": facts.get("LB_ALGORITHM", "roundrobin"),
        "ETCD": home.etcd,
        "REDIS": home.redis,
        "SECRET_KEY": kept["SECRET_KEY"],
        "JWT_SECRET_KEY": kept["JWT_SECRET_KEY"],
        "SERVICE_NAME": instance.service,
        "SERVICE_URL": facts["SERVICE_URL"],
        "SERVICE_ADDRESS": f"{home.host}:{instance.port}",
        "SERVICE_VERSION": instance.version,
        "INSTANCE_NAME": instance.name,
        "HOST_IP_ADDRESS": settings["HOST_IP_ADDRESS"],
    }
    if facts.get("NEEDS_DB") == "yes":
        environment["DATABASE_URL"] = database.ensure(home, instance.service)
    return environment | dict(instance.settings)
