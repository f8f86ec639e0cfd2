"""The container of an instance: what it is made of."""

from mfplatform.runtime.docker import images, starter
from mfplatform.runtime.docker.container import Container, Mount
from mfplatform.secrets_store import start
from mfplatform.state import access, accounts, instances, older_images
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.instances import Instance

# Where a container has what images from before the passwords need.
OLDER_IMAGES = "/run/older-images"


def describe(home: Home, instance: Instance) -> Container:
    """Describe it.

    :raises PlatformError: its image is gone.
    """
    found = images.of_service(instance.service, instance.image)
    if found is None:
        raise no_image(instance)
    service_settings = images.labels(found)
    environment = instances.environment(home, instance, service_settings)
    mounts = []
    if not accounts.is_declared(service_settings):
        environment["PYTHONPATH"] = OLDER_IMAGES
        mounts = [Mount(older_images.folder(home), OLDER_IMAGES, readonly=True)]
    command = images.command(found)
    if start.STORE in environment:
        mounts.append(starter.mount(home))
        command = [*starter.COMMAND, *command]
    return Container(
        name=instance.name,
        image=found["Id"],
        environment=environment,
        environment_file=instances.environment_file(home, instance.name),
        mounts=mounts,
        labels={"app": "microflack", "service": instance.service},
        command=command,
        secret=access.NAMES,
        stop_seconds=instances.STOP_TIMEOUT_SECONDS,
    )


def no_image(instance: Instance) -> PlatformError:
    """Return what to say when what an instance is made of is gone."""
    return PlatformError(
        f"the image of {instance.name} is gone: {instance.image}. "
        f"Build it with: mfbuild {instance.service}"
    )
