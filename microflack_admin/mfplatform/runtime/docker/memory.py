"""How much memory a container takes, as the engine's cgroup for it counts it.

It is asked through its socket: its command line measures for two seconds. What can be
taken back at once, since it is a copy of files, is left out, as that does.
Reference: version 1.41 of its API, ContainerStats.
"""

import http.client
import json
from collections.abc import Mapping
from typing import Any

from mfplatform.runtime.docker import engine
from mfplatform.runtime.handling import MemoryUse
from mfplatform.unix_http import UnixConnection

PATH = "/v1.41/containers/{}/stats?stream=false&one-shot=true"
NOT_FOUND = 404


def of_container(name: str) -> MemoryUse:
    """Return what a container takes, and its limit; nothing if it does not run.

    :raises EngineError: the engine does not answer.
    """
    path = str(engine.socket())
    connection = UnixConnection(path, engine.ANSWER_TIMEOUT_SECONDS)
    try:
        connection.request("GET", PATH.format(name))
        answer = connection.getresponse()
        told = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise engine.EngineError(
            f"the Docker engine gives no figures: {error}"
        ) from error
    finally:
        connection.close()
    if answer.status not in (http.client.OK, NOT_FOUND):
        raise engine.EngineError(f"docker: {told.get('message', answer.status)}")
    return read(told.get("memory_stats") or {})


def read(figures: Mapping[str, Any]) -> MemoryUse:
    """Return what the engine's figures mean, of either version of cgroups."""
    details = figures.get("stats") or {}
    spare = details.get("total_inactive_file", details.get("inactive_file", 0))
    used = figures.get("usage", 0)
    return MemoryUse(max(used - spare, 0), figures.get("limit", 0))
