"""Call the applications of this process as if through a load balancer.

The answer is made in the thread that asks: whatever has threads of its own for requests
cannot run out of them by asking itself.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

# What a request looks as if it was sent to. It is nobody's (RFC 2606).
URL = "http://local.invalid"

_served: list[WSGIApplication] = []


def serve(app: WSGIApplication) -> None:
    """Have ``app`` answer what is asked of ``local:`` from now on."""
    _served[:] = [app]


class LocalAdapter(BaseAdapter):
    """Hands a request of ``requests`` to the application of this process."""

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Return the application's answer; ConnectionError if none is served."""
        if not _served:
            raise requests.ConnectionError("nothing is served here", request=request)
        # Most processes ask nobody so, and need not load it.
        from werkzeug.test import EnvironBuilder, run_wsgi_app

        parts = urlsplit(request.url or "")
        body: Any = request.body or b""
        builder = EnvironBuilder(
            method=request.method or "GET",
            path=parts.path,
            query_string=parts.query,
            base_url=URL,
            headers=[(k, str(v)) for k, v in request.headers.items()],
            data=body.encode() if isinstance(body, str) else body,
            environ_overrides={"REMOTE_ADDR": "127.0.0.1"},
        )
        try:
            environ = builder.get_environ()
        finally:
            builder.close()
        chunks, status, headers = run_wsgi_app(_served[0], environ, buffered=True)
        return _response(request, chunks, status, dict(headers))

    def close(self) -> None:
        """Do nothing: there is no connection."""


def _response(
    request: requests.PreparedRequest,
    chunks: Iterable[bytes],
    status: str,
    headers: Mapping[str, str],
) -> requests.Response:
    response = requests.Response()
    code, _, reason = status.partition(" ")
    response.status_code, response.reason = int(code), reason
    response.headers = CaseInsensitiveDict(headers)
    response.encoding = "utf-8"
    response.url, response.request = request.url or "", request
    response._content = b"".join(chunks)
    return response
