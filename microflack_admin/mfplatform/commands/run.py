"""Start an instance of a service, and wait until it takes part.

    python -m mfplatform.commands.run [--json] SERVICE TAG|IMAGE [KEY=VALUE...]

An empty TAG means what serves now.
"""

import json
import signal
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import FrameType

from mfplatform.commands import cleanup
from mfplatform.moving import unfinished
from mfplatform.runtime import base
from mfplatform.runtime.base import Runtime
from mfplatform.secrets_store import owners
from mfplatform.state import instances, lb_state, ports, wishes
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.instances import Instance
from microflack_common.registry import Registry

READY_TIMEOUT_SECONDS = 60
# One that never took part has nothing to finish.
DISCARD_TIMEOUT_SECONDS = 5


class StartFailed(PlatformError):
    """Raised when an instance did not get ready; nothing is left of it.

    ``reason`` is a sentence without its name, ``log`` the last lines that it logged.
    """

    def __init__(self, name: str, reason: str, log: str) -> None:
        tail = f"\nThe last lines of its log:\n{log}" if log else ""
        super().__init__(f"{name} did not start: {reason}{tail}")
        self.reason = reason
        self.log = log


def serving_image(running: Sequence[Instance]) -> str | None:
    """Return the image that serves now: of the version that most instances have.

    There may be several images of that version: then it is the one that most have. A
    tie goes to what has served longer, since what came later may be on trial.
    """
    if not running:
        return None
    oldest_first = sorted(running, key=lambda one: one.created)
    version = _commonest([one.version for one in oldest_first])
    return _commonest([one.image for one in oldest_first if one.version == version])


def _commonest(words: Sequence[str]) -> str:
    return Counter(words).most_common(1)[0][0]


def default_tag(home: Home, runtime: Runtime, service: str) -> str:
    """Return what to start where no tag is given: the latest only if none runs."""
    states = runtime.states()
    running = [
        one
        for one in instances.all_instances(home)
        if one.service == service
        and one.name in states
        and states[one.name]["state"] == "running"
    ]
    return serving_image(running) or "latest"


def wait_until_routed(
    home: Home,
    runtime: Runtime,
    instance: Instance,
    timeout: float,
    left_out: bool = False,
) -> None:
    """Wait until the load balancer sends requests to an instance.

    :param left_out: whether it may be left out at first, by what has just been changed:
        the load balancer may not have seen that yet.
    :raises PlatformError: it has died, is left out, or was not ready in time.
    """
    registry = Registry(home.etcd)
    address = f"{runtime.host_of(instance.name)}:{instance.port}"

    def is_routed(balancer: lb_state.LBState) -> bool:
        reason = balancer.rejection_reason(instance.service, instance.name)
        if reason and not left_out:
            raise PlatformError(f"the load balancer leaves it out: {reason}")
        found = balancer.address(instance.service, instance.name)
        ready = balancer.state(instance.service, instance.name) == "ready"
        return ready and found == address and not reason

    if not lb_state.wait(registry, is_routed, timeout, _watchman(runtime, instance)):
        raise PlatformError(f"it was not ready within {timeout:g} s")


def _watchman(runtime: Runtime, instance: Instance) -> Callable[[], None]:
    """Return a check that the process that was started is still the same."""
    first = runtime.pid(instance.name)

    def check() -> None:
        if not first or runtime.pid(instance.name) != first:
            raise PlatformError("it stopped right after its start")

    return check


def run(
    home: Home,
    runtime: Runtime,
    service: str,
    tag: str,
    settings: Mapping[str, str],
    timeout: float = READY_TIMEOUT_SECONDS,
) -> str:
    """Start a new instance and return its name; leave nothing of one that fails.

    :param tag: a tag of the service's image, or its id.
    :param settings: environment variables of this instance alone.
    :param timeout: seconds until it has to be ready, once it has been started.
    :raises StartFailed: it did not get ready.
    :raises PlatformError: there is no such image.
    """
    image = runtime.image(service, tag)
    instance = instances.create(home, service, tag, image, settings)
    try:
        runtime.start_instance(instance)
        wait_until_routed(home, runtime, instance, timeout)
        owners.settle(home, service)
    except PlatformError as error:
        log = runtime.log_tail(instance.name)
        discard(home, runtime, instance)
        raise StartFailed(instance.name, str(error), log) from error
    except BaseException:
        discard(home, runtime, instance)
        raise
    return instance.name


def discard(home: Home, runtime: Runtime, instance: Instance) -> None:
    """Remove an instance that never took part."""
    runtime.remove(instance.name, DISCARD_TIMEOUT_SECONDS)
    cleanup.clear(home, instance)
    ports.release(instance.port)


def describe(home: Home, runtime: Runtime, name: str) -> dict[str, str]:
    """Return what programs want to know of an instance that has been started."""
    every = instances.all_instances(home)
    found = next((one for one in every if one.name == name), None)
    if found is None:
        raise PlatformError(f"{name} was started, and stopped by somebody right away")
    return {
        "instance": name,
        "service": found.service,
        "version": found.version,
        "image": found.image,
        "address": f"{runtime.host_of(name)}:{found.port}",
    }


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Run an instance as told on the command line; print its name."""
    signal.signal(signal.SIGTERM, _interrupted)
    words = sys.argv[1:]
    if as_json := words[0] == "--json":
        words.pop(0)
    service, tag, *extra = words
    settings = dict(pair.split("=", 1) for pair in extra)
    home = Home.here()
    try:
        runtime = base.running(home)
        unfinished.check_may_start(home, service)
        tag = tag or default_tag(home, runtime, service)
        name = run(home, runtime, service, tag, settings)
        wishes.grow(home, service)
        print(json.dumps(describe(home, runtime, name), indent=2) if as_json else name)
    except KeyboardInterrupt:
        return 130
    except (PlatformError, OSError) as error:
        print(f"mfrun: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
