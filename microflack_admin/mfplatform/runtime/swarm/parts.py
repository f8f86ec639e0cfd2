"""The parts of the platform: the containers of runtime/docker, on this manager.

They listen at the manager's address among the hosts of the swarm, so that instances
reach them from wherever they run. One more is the registry of images.
"""

from dataclasses import replace

from mfplatform.runtime.docker import host_parts, images, parts
from mfplatform.runtime.docker.container import Container, Mount, me
from mfplatform.runtime.swarm import pushing
from mfplatform.state.home import Home
from mfplatform.state.parts import PartSpec

# Not yet there: a store of secrets, which has to let in other hosts first, and what
# looks after instances, of which it would see those of this host alone.
LEFT_OUT = ("openbao", "leases", *host_parts.NAMES)
REGISTRY = PartSpec(
    pushing.PART,
    pushing.PORT,
    pushing.answers,
    is_wanted=pushing.is_wanted,
)
IMAGES = parts.IMAGES | {pushing.PART}


def specs() -> list[PartSpec]:
    """Return the parts that the platform has on a swarm."""
    return [REGISTRY, *(one for one in parts.specs() if one.name not in LEFT_OUT)]


NAMES = frozenset(one.name for one in specs())


def container(home: Home, part: PartSpec) -> Container:
    """Describe a part's container."""
    if part is REGISTRY:
        return _registry(home)
    found = parts.container(home, part)
    if part.name != "logs":
        return found
    # The engine here knows the containers of this host alone.
    environment = {**found.environment, "LOGS_OF_SWARM": "yes"}
    return replace(found, environment=environment)


def _registry(home: Home) -> Container:
    kept = home.path / "image-registry"
    kept.mkdir(mode=0o700, exist_ok=True)
    return Container(
        name=pushing.PART,
        image=images.platform_image(home, pushing.PART),
        environment={"REGISTRY_HTTP_ADDR": pushing.own_registry(home)},
        environment_file=home.path / "containers" / f"{pushing.PART}.env",
        mounts=[Mount(kept, "/var/lib/registry")],
        labels={"app": "microflack-platform", "part": pushing.PART},
        user=me(),
        memory="1g",
    )
