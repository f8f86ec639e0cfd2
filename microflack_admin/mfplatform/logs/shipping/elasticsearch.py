"""Send lines to Elasticsearch, or to what speaks its bulk interface.

https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk
"""

import http.client
import json
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from mfplatform.logs.shipping import documents
from mfplatform.logs.shipping.destination import API_KEY, Destination
from mfplatform.logs.shipping.documents import Document, Origin
from mfplatform.logs.shipping.reading import Entry
from mfplatform.logs.shipping.receiver import Receiver, ReceiverError, tls

ANSWER_TIMEOUT_SECONDS = 30.0
# What it says of a document: it is there now; it was there before; it can never be.
CREATED, EXISTS, REFUSED = (200, 201), 409, 400
MOST_REASON_SIGNS = 300


class Elasticsearch(Receiver):
    """Makes a document of each line; one that is there already is not made twice."""

    def __init__(self, where: Destination, authority: str, origin: Origin) -> None:
        self._where = where
        self._origin = origin
        self._tls = tls(where, authority)
        self._connection: http.client.HTTPConnection | None = None

    def send(self, entries: Sequence[Entry]) -> None:
        """Have it take all of these lines."""
        refused = self._create([documents.of(one, self._origin) for one in entries])
        if not refused:
            return
        by_key = {entry.key: entry for entry in entries}
        plain = [
            documents.plain(by_key[key], self._origin, reason)
            for key, reason in refused.items()
        ]
        if still := self._create(plain):
            raise ReceiverError(f"it refuses {len(still)} lines: {_first(still)}")

    def _create(self, wanted: Sequence[Document]) -> dict[str, str]:
        """Create documents; return the keys of those that are refused, and why."""
        answer = self._post("".join(map(self._action, wanted)))
        if len(answer) != len(wanted):
            raise ReceiverError(f"it answers for {len(answer)} of {len(wanted)} lines")
        refused, failed = {}, {}
        for one, item in zip(wanted, answer, strict=True):
            status, error = item.get("status"), item.get("error")
            if status == REFUSED:
                refused[one.key] = _reason(error)
            elif status != EXISTS and status not in CREATED:
                failed[one.key] = f"{status} {_reason(error)}"
        if failed:
            text = f"it does not take {len(failed)} of {len(wanted)} lines"
            raise ReceiverError(f"{text}: {_first(failed)}")
        return refused

    def _action(self, one: Document) -> str:
        index = f"{self._where.index}-{one.day}"
        action = {"create": {"_index": index, "_id": one.key}}
        return f"{json.dumps(action)}\n{json.dumps(one.fields)}\n"

    def _post(self, body: str) -> list[dict[str, Any]]:
        try:
            status, text = self._ask(body)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise ReceiverError(str(error) or type(error).__name__) from None
        try:
            found = json.loads(text)
            if status == 200:
                return [item["create"] for item in found["items"]]
            reason = _reason(found["error"])
        except (ValueError, KeyError, TypeError):
            reason = ""
        self.close()
        raise ReceiverError(f"it answers {status} {reason}".strip())

    def _ask(self, body: str) -> tuple[int, bytes]:
        was_open = self._connection is not None
        try:
            return self._exchange(body)
        except (OSError, http.client.HTTPException):
            self.close()
            # One that was idle for long may have been ended by the other side.
            if not was_open:
                raise
            return self._exchange(body)

    def _exchange(self, body: str) -> tuple[int, bytes]:
        connection = self._connection or self._connect()
        self._connection = connection
        headers = {"Content-Type": "application/x-ndjson", **self._authorization()}
        connection.request("POST", "/_bulk", body.encode(), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._where.host, self._where.port
        if self._tls is None:
            return http.client.HTTPConnection(
                host, port, timeout=ANSWER_TIMEOUT_SECONDS
            )
        return http.client.HTTPSConnection(
            host, port, timeout=ANSWER_TIMEOUT_SECONDS, context=self._tls
        )

    def _authorization(self) -> dict[str, str]:
        user, password = self._where.user, self._where.password
        if not user:
            return {}
        if user == API_KEY:
            return {"Authorization": f"ApiKey {password}"}
        pair = b64encode(f"{user}:{password}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}

    def close(self) -> None:
        """End the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _reason(error: Any) -> str:
    if isinstance(error, dict):
        error = f"{error.get('type', '')}: {error.get('reason', '')}"
    return str(error or "")[:MOST_REASON_SIGNS]


def _first(found: dict[str, str]) -> str:
    return next(iter(found.values()))
