"""The tasks of the swarm's services: what runs where, and waiting for it."""

import time
from collections.abc import Collection, Mapping
from typing import Any

from mfplatform.runtime.docker import deaths, engine
from mfplatform.runtime.swarm import api, hosts

Task = Mapping[str, Any]
POLL_SECONDS = 0.2
# Images are pulled first.
START_TIMEOUT_SECONDS = 900
# The swarm says at once why it does not place something, and takes that back.
NO_ROOM_SECONDS = 15
ENDED = ("complete", "failed", "shutdown", "rejected", "remove", "orphaned")
FAILED = ("complete", "failed", "rejected", "orphaned")


def of(service: str) -> list[Task]:
    """Return all tasks of a service that the swarm remembers, the newest first."""
    found = api.listed("tasks", service=service)
    return sorted(found, key=lambda one: str(one["CreatedAt"]), reverse=True)


def of_platform(label: str) -> dict[str, Task]:
    """Return the task that is to run of each service with a label, by service id."""
    found: dict[str, Task] = {}
    for one in sorted(api.listed("tasks", label=label), key=lambda t: t["CreatedAt"]):
        if one["DesiredState"] in ("running", "ready"):
            found[one["ServiceID"]] = one
    return found


def pid(task: Task | None) -> int:
    """Return the process of a task on its host, 0 if it has none."""
    if task is None or task["Status"]["State"] != "running":
        return 0
    return int((task["Status"].get("ContainerStatus") or {}).get("PID", 0))


def since(task: Task) -> float:
    """Return when it came into the state in which it is, in Unix seconds."""
    return deaths.seconds(task["Status"]["Timestamp"])


def wait_running(service: str, before: Collection[str]) -> None:
    """Wait until a task of a service runs and is healthy.

    :param before: the ids of tasks that are not meant.
    :raises EngineError: it ended, or cannot be started.
    """
    begun = time.monotonic()
    while True:
        new = [one for one in of(service) if one["ID"] not in before]
        if any(pid(one) for one in new):
            return
        waited = time.monotonic() - begun
        for one in new:
            _check(one, waited)
        if waited > START_TIMEOUT_SECONDS:
            raise engine.EngineError(f"it did not start within {waited:.0f} s")
        time.sleep(POLL_SECONDS)


def _check(task: Task, waited: float) -> None:
    state, said = task["Status"]["State"], task["Status"].get("Err", "")
    if state == "rejected":
        raise engine.EngineError(f"its host cannot start it: {engine.explain(said)}")
    if state in FAILED:
        raise engine.EngineError(f"it stopped right after its start ({said or state})")
    if state == "pending" and said and waited > NO_ROOM_SECONDS:
        raise engine.EngineError(
            f"no host of the swarm takes it ({said}). See them with: docker node ls"
        )


def wait_ended(services: Collection[str], label: str, timeout: float) -> None:
    """Wait until nothing of some services, known by their ids, runs any more.

    :param label: that they have, or had: they may be gone already.
    :raises EngineError: one runs on.
    """
    deadline = time.monotonic() + timeout
    while True:
        lost = {one["ID"] for one in api.listed("nodes") if hosts.is_down(one)}
        left = [
            str(one["ServiceID"])
            for one in api.listed("tasks", label=label)
            if one["ServiceID"] in services and _lives(one, lost)
        ]
        if not left:
            return
        if time.monotonic() > deadline:
            raise engine.EngineError(
                f"{len(left)} instances have not stopped within {timeout:.0f} s. See "
                "what their hosts do: docker node ls"
            )
        time.sleep(POLL_SECONDS)


def _lives(task: Task, lost: Collection[str]) -> bool:
    # Of a host that is down nobody knows what it runs; back again it stops that.
    ended = task["Status"]["State"] in ENDED
    return not ended and task.get("NodeID", "") not in lost
