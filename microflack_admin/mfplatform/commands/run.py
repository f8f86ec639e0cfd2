"""Start an instance of a service, and wait until it takes part.

python -m mfplatform.commands.run SERVICE TAG|IMAGE [KEY=VALUE...]
"""

import http.client
import signal
import sys
import xmlrpc.client
from collections.abc import Callable, Mapping
from types import FrameType

from mfplatform.commands import cleanup
from mfplatform.runtime import base
from mfplatform.state import instances, lb_state, ports
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.instances import Instance
from microflack_common.registry import Registry

PATIENCE = 60


def start(home: Home, instance: Instance) -> bool:
    """Have an instance running; False when it was already."""
    return base.of(home).start_instance(instance)


def wait_until_routed(home: Home, instance: Instance, timeout: float) -> None:
    """Wait until the load balancer sends requests to an instance."""
    registry = Registry(home.etcd)
    address = f"{home.host}:{instance.port}"

    def is_routed(routes: lb_state.Routes) -> bool:
        refusal = routes.refusal(instance.service, instance.name)
        if refusal:
            raise PlatformError(f"the load balancer leaves it out: {refusal}")
        found = routes.address(instance.service, instance.name)
        ready = routes.state(instance.service, instance.name) == "ready"
        return ready and found == address

    if not lb_state.wait(registry, is_routed, timeout, _watchman(home, instance)):
        raise PlatformError(f"it was not ready within {timeout:.0f} s")


def _watchman(home: Home, instance: Instance) -> Callable[[], None]:
    """Return a check that the process that was started is still the same."""
    keeper = base.of(home)
    first = keeper.pid(instance.name)

    def check() -> None:
        if not first or keeper.pid(instance.name) != first:
            raise PlatformError("it stopped right after its start")

    return check


def run(home: Home, service: str, tag: str, settings: Mapping[str, str]) -> str:
    """Start a new instance and return its name; leave nothing of one that fails."""
    keeper = base.of(home)
    image = keeper.image(service, tag)
    instance = instances.create(home, service, tag, image, settings)
    try:
        start(home, instance)
        wait_until_routed(home, instance, PATIENCE)
    except PlatformError as error:
        tail = keeper.log_tail(instance.name)
        discard(home, instance)
        log = f"\nThe last lines of its log:\n{tail}" if tail else ""
        raise PlatformError(f"{instance.name} did not start: {error}{log}") from error
    except BaseException:
        discard(home, instance)
        raise
    return instance.name


def discard(home: Home, instance: Instance) -> None:
    """Remove an instance that never took part."""
    base.of(home).remove(instance.name, patience=5)
    cleanup.clear(home, instance)
    ports.release(instance.port)


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Run an instance as told on the command line; print its name."""
    signal.signal(signal.SIGTERM, _interrupted)
    service, tag, *extra = sys.argv[1:]
    settings = dict(pair.split("=", 1) for pair in extra)
    try:
        print(run(Home.here(), service, tag, settings))
    except KeyboardInterrupt:
        return 130
    except PlatformError as error:
        print(f"mfrun: {error}", file=sys.stderr)
        return 1
    except (OSError, http.client.HTTPException, xmlrpc.client.Error) as error:
        print(f"mfrun: the supervisor does not answer: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
