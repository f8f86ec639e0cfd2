"""The service of the swarm that an instance is: what it is made of."""

from mfplatform.runtime.docker import images, instance_container
from mfplatform.runtime.swarm import pushing, store
from mfplatform.runtime.swarm.service import Service
from mfplatform.state import access, accounts, instances, older_images
from mfplatform.state.home import Home
from mfplatform.state.instances import Instance


def describe(home: Home, instance: Instance, name: str, platform: str) -> Service:
    """Describe it.

    :param name: the service's.
    :param platform: the label that says whose it is.
    :raises PlatformError: its image is gone, or does not get to other hosts.
    """
    found = images.of_service(instance.service, instance.image)
    if found is None:
        raise instance_container.no_image(instance)
    settings = images.labels(found)
    environment = instances.environment(home, instance, settings)
    files = {}
    if not accounts.is_declared(settings):
        environment["PYTHONPATH"] = instance_container.OLDER_IMAGES
        source = older_images.SOURCE
        path = f"{instance_container.OLDER_IMAGES}/{source.name}"
        files[path] = source.read_text(encoding="utf-8")
    return Service(
        name=name,
        image=pushing.shared(home, instance.service, found["Id"]),
        command=images.command(found),
        environment=environment,
        secret=access.NAMES,
        files=files,
        labels={
            "app": "microflack",
            "service": instance.service,
            platform: home.id,
            "microflack.home": str(home.path.resolve()),
            store.INSTANCE: name,
        },
    )
