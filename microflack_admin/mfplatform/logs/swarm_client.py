"""Ask a manager of a swarm for the services of a platform, and for their logs.

It has them from whichever hosts their tasks are on. Reference: version 1.41 of the
Engine API, ServiceList, ServiceLogs and SystemEvents.
"""

import json
from collections.abc import Iterator

from mfplatform.logs.engine_client import EngineClient

SERVICES = "services"


class SwarmClient(EngineClient):
    """What the log collector asks of a swarm, as of the engine of one host."""

    def running(self) -> dict[str, str]:
        """Return the ids of the services that there are now, and their names."""
        filters = json.dumps({"label": self._labels})
        with self._get(f"/{SERVICES}", filters=filters) as answer:
            listed = json.loads(answer.read())
        return {one["ID"]: one["Spec"]["Name"] for one in listed}

    def starts(self) -> Iterator[tuple[str, str]]:
        """Yield id and name of each service that is made or changed from now on.

        The events of a swarm know no labels: the services of others are left out by
        asking which are the platform's.
        """
        filters = json.dumps({"type": ["service"], "event": ["create", "update"]})
        with self._get("/events", filters=filters) as answer:
            yield "", ""
            for line in answer:
                service = json.loads(line)["Actor"]["ID"]
                if name := self.running().get(service):
                    yield service, name

    def _path(self, source: str) -> str:
        return f"/{SERVICES}/{source}/logs"
