"""Have so many instances of a service, as `mfrun` and `mfkill` would do it."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from mfplatform.commands import kill, run
from mfplatform.runtime.base import Runtime
from mfplatform.state import disk, instances, lb_state, wishes
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.instances import Instance
from microflack_common.registry import Registry

# What an instance takes of which none runs yet: more than any of ours at its start.
USUAL_BYTES = 150_000_000
AT_A_TIME = 8


def of_service(home: Home, service: str) -> list[Instance]:
    """Return the instances of a service."""
    return [one for one in instances.all_instances(home) if one.service == service]


def check_room(service: str, number: int, sizes: Sequence[int], free: int) -> None:
    """Refuse more instances than the memory of this machine bears.

    :param sizes: the bytes that each instance takes of those that there are.
    :param free: the bytes that are left.
    :raises PlatformError: it does not; the text says how many it does.
    """
    each = max([*sizes, 0]) or USUAL_BYTES
    if (number - len(sizes)) * each > free:
        raise PlatformError(
            f"this machine does not bear {number} instances of {service}: each takes "
            f"{disk.plain(each)} of memory and {disk.plain(free)} are left, which is "
            f"enough for {len(sizes) + free // each}"
        )


def reach(home: Home, runtime: Runtime, service: str, number: int) -> list[str]:
    """Start or stop instances until there are so many; return what went wrong.

    What is started is what serves now. What is stopped gets no requests, or is young.
    """
    there = of_service(home, service)
    if len(there) < number:
        return start(home, runtime, service, number - len(there))
    if too_many := spare(home, there, len(there) - number):
        failed = kill.kill_all(home, runtime, too_many, is_quiet=True)
        return [f"{name} was not stopped: {failed[name]}" for name in failed]
    return []


def spare(home: Home, there: Sequence[Instance], number: int) -> list[Instance]:
    """Return those of a service's instances that are missed least."""
    balancer, _ = lb_state.read(Registry(home.etcd))
    ready = {
        one.name for one in there if balancer.state(one.service, one.name) == "ready"
    }
    return sorted(there, key=lambda one: (one.name in ready, -one.created))[:number]


def start(home: Home, runtime: Runtime, service: str, number: int) -> list[str]:
    """Start so many more of what serves now, side by side; return what went wrong."""
    tag = run.default_tag(home, runtime, service)
    failed = []
    with ThreadPoolExecutor(min(number, AT_A_TIME)) as pool:
        begun = [
            pool.submit(run.run, home, runtime, service, tag, {}) for _ in range(number)
        ]
        for one in begun:
            try:
                one.result()
            except (PlatformError, OSError) as error:
                failed.append(str(error))
    return failed


def have_wanted(home: Home, runtime: Runtime) -> list[str]:
    """Start what is wanted and not there; return what went wrong."""
    failed = []
    for service, wish in wishes.read_all(Registry(home.etcd)).items():
        missing = wish.instances - len(of_service(home, service))
        if missing > 0:
            failed += start(home, runtime, service, missing)
    return failed
