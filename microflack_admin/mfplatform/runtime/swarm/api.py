"""Ask a manager of a swarm, through its engine's socket.

docker's command line changes a service word by word; the API takes it as a whole.
Reference: version 1.41 of the Engine API, which Docker has since 20.10.
"""

import http.client
import json
from typing import Any
from urllib.parse import urlencode

from mfplatform.runtime.docker import engine
from mfplatform.unix_http import UnixConnection

API_PATH = "/v1.41"
TIMEOUT_SECONDS = 60
GONE = 404
# What an engine says that is no manager of a swarm.
NO_MANAGER = "not a swarm manager"


class ApiError(engine.EngineError):
    """Raised when the engine refuses; ``status`` is that of its answer."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status

    @property
    def says_no_manager(self) -> bool:
        """Tell whether the engine knows of no swarm that it manages."""
        return NO_MANAGER in str(self)


def ask(method: str, path: str, body: object = None, **query: object) -> Any:
    """Return what the engine answers, from JSON.

    :param query: what is no text is written as JSON, as the API wants filters.
    :raises ApiError: it refuses.
    :raises EngineError: it does not answer.
    """
    words = {k: v if isinstance(v, str) else json.dumps(v) for k, v in query.items()}
    connection = UnixConnection(str(engine.socket()), TIMEOUT_SECONDS)
    text = None if body is None else json.dumps(body)
    headers = {"Content-Type": "application/json"}
    try:
        target = f"{API_PATH}/{path}?{urlencode(words)}"
        connection.request(method, target, text, headers)
        answer = connection.getresponse()
        told = answer.read().decode()
    except (OSError, http.client.HTTPException) as error:
        raise engine.EngineError(
            f"no Docker engine answers ({error}). Start it: sudo systemctl start docker"
        ) from error
    finally:
        connection.close()
    if answer.status >= 400:
        raise ApiError(answer.status, _message(told))
    return json.loads(told) if told.strip() else None


def _message(told: str) -> str:
    try:
        return f"docker: {json.loads(told)['message']}"
    except (ValueError, KeyError, TypeError):
        return f"docker: {told.strip()}"


def listed(kind: str, **filters: str) -> list[dict[str, Any]]:
    """Return all of a kind, such as "services", that match; none where no swarm is."""
    wanted = {name: [value] for name, value in filters.items()}
    try:
        return list(ask("GET", kind, filters=wanted) or ())
    except ApiError as error:
        if error.says_no_manager:
            return []
        raise


def remove(path: str) -> None:
    """Remove something; what is gone is no error."""
    try:
        ask("DELETE", path)
    except ApiError as error:
        if error.status != GONE and not error.says_no_manager:
            raise
