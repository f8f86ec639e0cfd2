"""Take instances out of the load balancer, then stop and forget them.

python -m mfplatform.commands.kill [--json] SERVICE|INSTANCE|all...
"""

import json
import sys
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor

from mfplatform.commands import cleanup, fewer_wanted
from mfplatform.runtime import base
from mfplatform.runtime.base import Runtime
from mfplatform.state import instances, lb_state
from mfplatform.state.home import Home, PlatformError
from mfplatform.state.instances import Instance
from mfplatform.state.probes import is_dead
from microflack_common.registry import Registry, RegistryError

# The load balancer gives requests in flight 30 s, and what lasts in processes that it
# has replaced 20 s.
DRAIN_TIMEOUT_SECONDS = 35
# One that accepts connections and is silent for so long hangs. While its database does
# not answer, all its threads wait as well, and finish what they began afterwards.
SILENCE_TIMEOUT_SECONDS = 15.0
# More than an instance takes for what it began; less for one that does not answer.
STOP_TIMEOUT_SECONDS = 60
HANGING_STOP_TIMEOUT_SECONDS = 2


class _Hangs(Exception):
    """The instance does not answer: there is nothing to wait for."""


def select(known: Sequence[Instance], target: str) -> list[Instance]:
    """Return the instances that a word on the command line means."""
    return [one for one in known if target in ("all", one.service, one.name)]


def drain(home: Home, runtime: Runtime, instance: Instance) -> bool:
    """Take an instance out of the load balancer; False if it does not answer."""
    registry = Registry(home.etcd)
    address = f"{runtime.host_of(instance.name)}:{instance.port}"
    enough = _enough(registry, instance)

    def is_gone(balancer: lb_state.LBState) -> bool:
        # A load balancer that has stopped telling may still route as it did.
        if is_told and not balancer.is_known:
            return False
        # It may have been just about to refresh its key.
        if registry.get(instance.key) is not None:
            registry.delete(instance.key)
            return False
        # Over connections that were open when the load balancer got a new
        # configuration, requests come from a process that knows nothing newer.
        if balancer.old_processes:
            return False
        return balancer.state(instance.service, instance.name) in enough

    def check() -> None:
        if is_dead(address, "/healthz", SILENCE_TIMEOUT_SECONDS):
            raise _Hangs

    try:
        is_told = lb_state.read(registry)[0].is_known
        registry.delete(instance.key)
        if not lb_state.wait(registry, is_gone, DRAIN_TIMEOUT_SECONDS, check):
            print(
                f"mfkill: {instance.name}: the load balancer may still ask it after "
                f"{DRAIN_TIMEOUT_SECONDS} s; stopping it anyway",
                file=sys.stderr,
            )
        return True
    except _Hangs:
        return False
    except RegistryError as error:
        print(f"mfkill: {instance.name}: {error}; stopping it anyway", file=sys.stderr)
        return True


def _enough(registry: Registry, instance: Instance) -> set[str | None]:
    """Return the states in which an instance can be stopped; None is "not routed"."""
    try:
        balance = registry.get(f"/services/{instance.service}/backend/balance")
    except RegistryError:
        return {None}
    # Clients that stay on one instance stay until it sends them away: when it stops.
    return {None, "draining"} if balance == "source" else {None}


def kill(home: Home, runtime: Runtime, instance: Instance) -> str:
    """Drain, stop and forget one instance; return its name.

    :raises PlatformError: it cannot be stopped.
    """
    answers = drain(home, runtime, instance)
    timeout = STOP_TIMEOUT_SECONDS if answers else HANGING_STOP_TIMEOUT_SECONDS
    runtime.remove(instance.name, timeout)
    cleanup.clear(home, instance)
    return instance.name


def kill_all(
    home: Home, runtime: Runtime, chosen: Collection[Instance], is_quiet: bool
) -> dict[str, str]:
    """Kill instances side by side; return why some of them could not be stopped.

    :param is_quiet: do not print the name of each that is stopped.
    """
    failed = {}
    with ThreadPoolExecutor(max_workers=min(16, len(chosen))) as pool:
        started = [(one, pool.submit(kill, home, runtime, one)) for one in chosen]
        for one, future in started:
            try:
                name = future.result()
            except (PlatformError, OSError) as error:
                print(f"mfkill: {error}", file=sys.stderr)
                failed[one.name] = str(error)
            else:
                if not is_quiet:
                    print(name, flush=True)
    return failed


def _chosen(home: Home, words: Collection[str]) -> dict[str, Instance]:
    known = instances.all_instances(home)
    return {one.name: one for word in words for one in select(known, word)}


def main() -> int:
    """Kill what the command line names; print the names."""
    home, words = Home.here(), sys.argv[1:]
    if as_json := "--json" in words:
        words.remove("--json")
    try:
        runtime = base.running(home)
    except (PlatformError, OSError) as error:
        print(f"mfkill: {error}", file=sys.stderr)
        return 1
    fewer_wanted.want_none(home, words)
    services = {one.service for one in _chosen(home, words).values()}
    with fewer_wanted.undisturbed(home, services):
        chosen, failed = _stop(home, runtime, words, as_json)
    if as_json:
        stopped = [name for name in chosen if name not in failed]
        print(json.dumps({"stopped": stopped, "failed": failed}, indent=2))
    return 1 if failed else 0


def _stop(
    home: Home, runtime: Runtime, words: Collection[str], is_quiet: bool
) -> tuple[Collection[str], dict[str, str]]:
    """Stop what the words mean; return the names, and why some could not be."""
    chosen = _chosen(home, words)
    if not chosen:
        print("mfkill: no such instance is running, nothing to do", file=sys.stderr)
        return [], {}
    failed = kill_all(home, runtime, chosen.values(), is_quiet)
    done = (one for one in chosen.values() if one.name not in failed)
    fewer_wanted.follow(home, done)
    return list(chosen), failed


if __name__ == "__main__":
    sys.exit(main())
