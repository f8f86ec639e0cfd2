"""The parts of the platform: the containers of runtime/docker, on this manager.

They listen at the manager's address among the hosts of the swarm, so that instances
reach them from wherever they run. One more is the registry of images.
"""

from collections.abc import Mapping
from dataclasses import replace

from mfplatform.runtime.docker import host_parts, images, parts
from mfplatform.runtime.docker.container import Container, Mount, me
from mfplatform.runtime.swarm import pushing
from mfplatform.runtime.swarm.redundant import describe
from mfplatform.runtime.swarm.redundant import specs as redundant
from mfplatform.state import redundancy
from mfplatform.state.home import Home
from mfplatform.state.parts import PartSpec

# Not yet there: a store of secrets, which has to let in other hosts first, and what
# looks after instances, of which it would see those of this host alone.
LEFT_OUT = ("openbao", "leases", *host_parts.NAMES)
IMAGE_REGISTRY = PartSpec(
    pushing.PART,
    pushing.PORT,
    pushing.answers,
    is_wanted=pushing.is_wanted,
)
# What is on this manager alone even where the rest is on several hosts: without it no
# new image comes to another host, and logs are gathered later.
ONCE = (pushing.PART, "logs")


def specs(settings: Mapping[str, str]) -> list[PartSpec]:
    """Return the parts that a platform with these settings has on a swarm."""
    here = [IMAGE_REGISTRY]
    here += [one for one in parts.specs() if one.name not in LEFT_OUT]
    if not redundancy.is_on(settings):
        return here
    return [
        *(one for one in here if one.name in ONCE),
        *redundant.specs(settings),
    ]


def images_of(settings: Mapping[str, str]) -> frozenset[str]:
    """Return the names of the images that those need."""
    needed = parts.IMAGES | {pushing.PART}
    return needed | describe.IMAGES if redundancy.is_on(settings) else needed


def container(home: Home, part: PartSpec) -> Container:
    """Describe a part's container."""
    if part.name == pushing.PART:
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
