"""Start the first instance of a service in the place of a monolith.

A monolith that was registered at ``/`` has what no service claims, so the service that
belongs there cannot claim it. When its first instance is there, the monolith gives way:
it is left paths that lead to all that it still has, and there is no moment in between.
"""

from collections.abc import Callable, Sequence

from mfplatform.commands import run
from mfplatform.monolith.services import Service
from mfplatform.runtime import base
from mfplatform.runtime.base import Runtime
from mfplatform.state import instances, lb_state
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.instances import Instance
from microflack_common.registry import Registry

SERVICES = "/services"
TAG = "latest"


def take(home: Home, service: Service, rest: Sequence[Service]) -> str:
    """Have a first instance, and all paths of the service lead to it; return its name.

    One that an interrupted call has started is taken.

    :param rest: the services that are still in the monolith.
    :raises StartFailed: a new one does not get ready; nothing is left of it.
    """
    runtime = base.running(home)
    for found in instances.all_instances(home):
        if found.service == service.name:
            _have(home, runtime, found, service, rest)
            return found.name
    image = runtime.image(service.name, TAG)
    created = instances.create(home, service.name, TAG, image, {})
    try:
        _have(home, runtime, created, service, rest)
    except BaseException as error:
        log = runtime.log_tail(created.name)
        run.discard(home, runtime, created)
        if isinstance(error, PlatformError):
            raise run.StartFailed(created.name, str(error), log) from error
        raise
    return created.name


def _have(
    home: Home,
    runtime: Runtime,
    instance: Instance,
    service: Service,
    rest: Sequence[Service],
) -> None:
    registry, timeout = Registry(home.etcd), run.READY_TIMEOUT_SECONDS
    runtime.start_instance(instance)
    owner = _owner(registry, service)
    if owner is None:
        run.wait_until_routed(home, runtime, instance, timeout)
        return
    _wait(registry, lambda _: registry.get(instance.key) is not None)
    before = _locations(registry, owner)
    try:
        _give_way(registry, owner, _paths(service, rest))
        run.wait_until_routed(home, runtime, instance, timeout, left_out=True)
    except BaseException:
        for key, value in before.items():
            registry.put(key, value)
        raise


def _locations(registry: Registry, owner: str) -> dict[str, str]:
    found = registry.tree(f"{SERVICES}/{owner}").values
    return {key: value for key, value in found.items() if "/location" in key}


def _owner(registry: Registry, service: Service) -> str | None:
    """Return who has a location of the service; None if nobody has."""
    ours = {_plain(path) for path in service.locations}
    for key, value in registry.tree(SERVICES).values.items():
        name, what, *_ = key.removeprefix(f"{SERVICES}/").split("/")
        is_location = what in ("location", "locations")
        if is_location and name != service.name and _plain(value) in ours:
            return name
    return None


def _paths(service: Service, rest: Sequence[Service]) -> list[str]:
    """Return as few paths as lead to these services, and none that is taken."""
    firsts = {f"/{path.split('/')[1]}" for one in rest for path in one.locations}
    return sorted(firsts - set(service.locations))


def _give_way(registry: Registry, owner: str, paths: Sequence[str]) -> None:
    """Leave a service exactly these paths; without any, one that nobody asks for."""
    first, *others = paths or [f"/{owner}"]
    for number, path in enumerate(others, 1):
        registry.put(f"{SERVICES}/{owner}/locations/{number}", path)
    for key in registry.tree(f"{SERVICES}/{owner}/locations").values:
        if int(key.rpartition("/")[2]) > len(others):
            registry.delete(key)
    registry.put(f"{SERVICES}/{owner}/location", first)


def _wait(registry: Registry, wanted: Callable[[lb_state.LBState], bool]) -> None:
    if not lb_state.wait(registry, wanted, run.READY_TIMEOUT_SECONDS):
        raise PlatformError("it was not ready in time")


def _plain(path: str) -> str:
    return path.rstrip("/") or "/"
