"""The hosts of a swarm: whether they can be used, and at which addresses they are."""

from collections.abc import Iterable, Mapping
from typing import Any

from mfplatform.runtime.docker.engine import EngineError
from mfplatform.runtime.swarm import api

GUIDE = "microflack_admin/docs/swarm.md"
# An instance may take half of that.
LEAST_BYTES = 1_000_000_000


def check_manager() -> Mapping[str, Any]:
    """Return what this engine knows of its swarm.

    :raises EngineError: there is none, or it is not for this engine to change it.
    """
    found: Mapping[str, Any] = api.ask("GET", "info")["Swarm"]
    state = found["LocalNodeState"]
    if state == "inactive":
        raise EngineError(
            "this machine's engine is in no swarm. Make one: docker swarm init "
            f"--advertise-addr ADDRESS (see {GUIDE})"
        )
    if state == "locked":
        raise EngineError("the swarm is locked. Unlock it: docker swarm unlock")
    if state != "active":
        said = found.get("Error") or f"its state is '{state}'"
        raise EngineError(f"this engine cannot reach its swarm: {said}")
    if not found["ControlAvailable"]:
        raise EngineError(
            "this host is a worker of its swarm. Call mfup on a manager, or have one "
            "make it a manager: docker node promote HOST"
        )
    return found


def nodes() -> list[dict[str, Any]]:
    """Return the hosts of the swarm.

    :raises EngineError: nobody can tell, or change anything.
    """
    check_manager()
    try:
        return list(api.ask("GET", "nodes"))
    except api.ApiError as error:
        raise EngineError(
            "the swarm has no leader, so nothing can be started in it: more than half "
            "of its managers have to be there. Start their engines; if they are lost "
            f"for good: docker swarm init --force-new-cluster\n  {error}"
        ) from error


def check_healthy(found: Iterable[Mapping[str, Any]]) -> None:
    """Refuse a swarm that a first start had better not be made on.

    :raises EngineError: it says which hosts are in the way.
    """
    taking = [one for one in found if one["Spec"]["Availability"] == "active"]
    if down := _names(one for one in taking if is_down(one)):
        raise EngineError(
            f"these hosts of the swarm do not answer: {down}. Start their engines, or "
            "do without them: docker node update --availability drain HOST"
        )
    if not taking:
        raise EngineError(
            "no host of the swarm takes anything. Let one: docker node update "
            "--availability active HOST"
        )
    if small := _names(one for one in taking if _memory(one) < LEAST_BYTES):
        raise EngineError(
            f"these hosts have less than {LEAST_BYTES // 10**6} MB of memory: {small}. "
            "Do without them: docker node update --availability drain HOST"
        )


def is_down(node: Mapping[str, Any]) -> bool:
    """Tell whether a host does not answer."""
    return bool(node["Status"]["State"] != "ready")


def _memory(node: Mapping[str, Any]) -> int:
    return int(node["Description"]["Resources"]["MemoryBytes"])


def _names(found: Iterable[Mapping[str, Any]]) -> str:
    return ", ".join(sorted(one["Description"]["Hostname"] for one in found))


def address(node: Mapping[str, Any]) -> str:
    """Return the address of a host, as the others of the swarm know it."""
    # Of itself a leader tells 0.0.0.0 or 127.0.0.1 in "Status".
    manager = node.get("ManagerStatus") or {}
    told = str(manager.get("Addr", "")).rpartition(":")[0]
    return told or str(node["Status"]["Addr"])


def are_many() -> bool:
    """Tell whether images have to get to other hosts than this one."""
    return len(nodes()) > 1
