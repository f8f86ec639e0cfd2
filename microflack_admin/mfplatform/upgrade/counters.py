"""Read HAProxy's own counters at the operator's port: /stats, for its password."""

import base64
import csv
import http.client
import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote, urlsplit

from mfplatform.state.home import Home
from mfplatform.upgrade.compare import Counts, parse_times

REQUEST_TIMEOUT_SECONDS = 3.0
ANSWER_CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx", "other")


class HAProxyCounters:
    """The counters of the servers of one platform's load balancer."""

    def __init__(self, home: Home) -> None:
        self._address = urlsplit(home.operator).netloc
        password = f"admin:{home.secrets.get('STATS_PASSWORD', '')}"
        login = base64.b64encode(password.encode()).decode()
        self._headers = {"Authorization": f"Basic {login}"}

    def read(
        self, service: str, instances: Iterable[str] | None = None
    ) -> dict[str, Counts]:
        """Return the counts by instance; none while HAProxy does not answer.

        :param instances: those that are asked for; all that it knows if not said.
        """
        try:
            rows = {
                row["svname"]: row
                for row in self._rows()
                if row["pxname"] == service and row["svname"] != "BACKEND"
            }
            wanted = rows if instances is None else instances
            found = [name for name in wanted if name in rows]
            return {name: self._counts(service, rows[name]) for name in found}
        except (OSError, http.client.HTTPException, ValueError, KeyError):
            return {}

    def at_services(self) -> dict[str, int]:
        """Return how many requests are at each service: under way, or waiting.

        A connection that was upgraded (a WebSocket) is one as long as it lasts. Nothing
        is known while HAProxy does not answer.
        """
        try:
            return {
                row["pxname"]: int(row["scur"]) + int(row["qcur"])
                for row in self._rows()
                if row["svname"] == "BACKEND" and not row["pxname"].startswith("_")
            }
        except (OSError, http.client.HTTPException, ValueError, KeyError):
            return {}

    def _rows(self) -> Iterator[dict[str, str]]:
        table = self._get("/stats;csv").removeprefix("# ")
        return csv.DictReader(table.splitlines())

    def _counts(self, service: str, row: dict[str, str]) -> Counts:
        server = quote(f"{service}/{row['svname']}", safe="")
        times = json.loads(self._get(f"/stats/times?server={server}"))
        answers = sum(int(row[f"hrsp_{kind}"] or 0) for kind in ANSWER_CLASSES)
        # No connection, and no usable answer: HAProxy counts them apart.
        unanswered = int(row["econ"] or 0) + int(row["eresp"] or 0)
        errors = int(row["hrsp_5xx"] or 0) + unanswered
        return Counts(answers + unanswered, errors, parse_times(times))

    def _get(self, path: str) -> str:
        connection = http.client.HTTPConnection(
            self._address, timeout=REQUEST_TIMEOUT_SECONDS
        )
        try:
            connection.request("GET", path, headers=self._headers)
            response = connection.getresponse()
            text = response.read().decode()
            if response.status != 200:
                raise OSError(f"HAProxy answers {response.status}")
            return text
        finally:
            connection.close()
