"""Observe the instances of the services for which a number is wanted."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from mfplatform.caretaker import store
from mfplatform.caretaker.loads import LoadObserver
from mfplatform.caretaker.state import Finding, Rolled, Seen, SeenInstance, Symptom
from mfplatform.commands.list import crash_loop
from mfplatform.runtime.base import ProcessState, Runtime
from mfplatform.state import instances, lb_state
from mfplatform.state.home import Home
from mfplatform.state.instances import Instance
from mfplatform.state.patience import Starvation, moved_on, slowness_now
from mfplatform.state.probes import http_status
from mfplatform.state.wishes import Wish
from mfplatform.upgrade.runner import UpgradeContext
from microflack_common.registry import Registry

PROBES_AT_A_TIME = 16
# Of a machine that is not busy. For the load balancer one is slow then.
ANSWER_SECONDS = 1.0
NO_PROCESS = ProcessState(state="stopped", pid=None, since=None)
# Who has not answered yet for so long since its start is silent, on a machine that is
# not busy.
START_SECONDS = 30.0
# Of the memory at which an instance is killed.
NEAR_SHARE = 0.9
# A server in a developer's shell has taken the place of the instances.
DEVELOPED = "dev"


class CareObserver:
    """Looks at instances, and remembers since when something is wrong.

    :param max_memory: the bytes that an instance may take; 0 for any number.
    :param measure: returns what ``slowness_now`` does.
    """

    def __init__(
        self,
        home: Home,
        runtime: Runtime,
        context: UpgradeContext,
        max_memory: int,
        measure: Callable[[], float] = slowness_now,
    ) -> None:
        self._home = home
        self._runtime = runtime
        self._context = context
        self._max_memory = max_memory
        self._measure = measure
        self._starvation = Starvation(measure)
        self._loads = LoadObserver(context)
        self._since: dict[Finding, float] = {}
        # The process of each instance that has answered.
        self._answered: dict[str, int | None] = {}

    @property
    def registry(self) -> Registry:
        """Return the registry that is asked."""
        return self._context.registry

    def observe(self, wanted: Mapping[str, Wish]) -> Seen:
        """Return what there is now.

        :raises RegistryError: the registry is away.
        :raises PlatformError: the runtime does not answer.
        """
        states = self._runtime.states()
        # Who gives no answer has given none since it was asked.
        asked = time.monotonic()
        seen = self._instances(wanted)
        findings = [
            *self._of_instances(
                [one for there in seen.values() for one in there], states
            ),
            *_of_services(wanted, seen),
        ]
        crashing = {name for name, kind in findings if kind is Symptom.CRASHES}
        services = [
            service
            for service, there in seen.items()
            if any(one.name in crashing for one in there)
        ]
        now = time.monotonic()
        return Seen(
            seen,
            self._remember(findings, asked, now),
            self._hands_off(wanted),
            dict(self._rolled(services, now)),
            tuple(store.past(store.entries(self.registry), time.time(), now)),
            self._loads.look(wanted, now),
        )

    def _instances(
        self, wanted: Mapping[str, Wish]
    ) -> dict[str, tuple[SeenInstance, ...]]:
        known = [i for i in instances.all_instances(self._home) if i.service in wanted]
        balancer, _ = lb_state.read(self.registry)
        timeout = ANSWER_SECONDS * self._measure()
        with ThreadPoolExecutor(PROBES_AT_A_TIME) as pool:
            answers = list(pool.map(lambda one: self._answers(one, timeout), known))
        found: dict[str, tuple[SeenInstance, ...]] = dict.fromkeys(wanted, ())
        for one, answer in zip(known, answers, strict=True):
            is_ready = balancer.state(one.service, one.name) == "ready"
            seen = SeenInstance(one.name, one.image, is_ready, answer, one.created)
            found[one.service] = (*found[one.service], seen)
        return found

    def _answers(self, instance: Instance, timeout_seconds: float) -> bool:
        address = f"{self._home.host}:{instance.port}"
        status = http_status(address, "/healthz", timeout_seconds=timeout_seconds)
        return status is not None

    def _of_instances(
        self,
        seen: Sequence[SeenInstance],
        states: Mapping[str, ProcessState],
    ) -> Iterator[Finding]:
        for one in seen:
            state = states.get(one.name, NO_PROCESS)
            if one.answers:
                self._answered[one.name] = state["pid"]
            elif state["state"] == "stopped":
                if not self._may_have_no_process(one):
                    yield one.name, Symptom.STOPPED
            elif not self._may_be_silent(one.name, state):
                yield one.name, Symptom.SILENT
            if state["state"] != "running" or not one.answers:
                if crash_loop(state):
                    yield one.name, Symptom.CRASHES
            elif self._max_memory and self._is_swollen(one.name):
                yield one.name, Symptom.SWOLLEN

    def _may_have_no_process(self, one: SeenInstance) -> bool:
        """Say whether a command may be about to start it for the first time."""
        is_new = time.time() - one.created < START_SECONDS * self._measure()
        return is_new and one.name not in self._answered

    def _may_be_silent(self, name: str, state: ProcessState) -> bool:
        """Say whether it begins, or finishes what it began before somebody stops it."""
        if not state["pid"] or state["state"] == "stopping":
            return True
        age = time.time() - (state["since"] or 0.0)
        is_new = age < START_SECONDS * self._measure()
        return is_new and self._answered.get(name) != state["pid"]

    def _is_swollen(self, name: str) -> bool:
        found = self._runtime.memory(name)
        # One that grows is replaced before it is killed in the middle of its work.
        near = found.most * NEAR_SHARE if found.most else self._max_memory
        return found.used > min(self._max_memory, near)

    def _remember(
        self, findings: Sequence[Finding], asked: float, now: float
    ) -> dict[Finding, float]:
        """Return since when each finding is there; what ended is forgotten."""
        # What others have taken from an instance is not held against it.
        lost = self._starvation.lost_seconds()
        before = moved_on(self._since, lost, now)
        self._since = {one: before.get(one, asked) for one in findings}
        return self._since

    def _hands_off(self, wanted: Mapping[str, Wish]) -> dict[str, str]:
        """Return the services that somebody else is at, and who."""
        registered = self.registry.tree("/services").values
        found = {
            name: "it is being developed (mfdev)"
            for name in wanted
            if f"/services/{name}/upstream/{DEVELOPED}" in registered
        }
        if current := self._context.store.current():
            found[current.service] = f"its upgrade is not finished: {current.title}"
        holder = self._context.lock.holder()
        if holder is not None and not holder.brief:
            found |= dict.fromkeys(wanted, f"an upgrade is under way: {holder}")
        return found

    def _rolled(
        self, services: Sequence[str], now: float
    ) -> Iterator[tuple[str, Rolled]]:
        """Yield the last upgrade of services, if it was a roll."""
        for service in services:
            last = next(self._context.store.completed(service), None)
            if last is not None and last["command"] == "roll":
                ago = max(time.time() - last["until"], 0.0)
                yield service, Rolled(last["image_to"], now - ago)


def _of_services(
    wanted: Mapping[str, Wish], seen: Mapping[str, Sequence[SeenInstance]]
) -> Iterator[Finding]:
    for service, wish in wanted.items():
        there = seen[service]
        if len(there) < wish.instances:
            yield service, Symptom.MISSING
        if sum(one.is_ready for one in there) > wish.instances:
            yield service, Symptom.SURPLUS
