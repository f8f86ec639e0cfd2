"""Call another service through the load balancer."""

from typing import Any
from urllib.parse import urljoin

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from microflack_common import local, local_calls, traces
from microflack_common.client_address import ADDRESS_HEADER
from microflack_common.errors import ServiceUnavailable
from microflack_common.logs import (
    HEADER,
    current_address,
    current_request_id,
)

# To connect, and between two bytes of the answer.
TIMEOUTS_SECONDS = (2.0, 5.0)
RETRIES = 3
# What may be sent twice without harm (RFC 9110, 9.2.2).
REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


class Client:
    """An HTTP client for URLs relative to the load balancer.

    A connection that could not be made is tried again for every method, since nothing
    was sent; an answer of 502 or 503 only for methods that are safe to repeat. Waits
    grow exponentially, with jitter. The request's id is passed on, the address of the
    client for whom it is asked, and what leads back to its trace.

    :param base_url: the load balancer, such as ``http://127.0.0.1:8080``; or
        ``local:``, what this process itself serves.
    :param timeout: seconds to connect, and between two bytes of the answer.
    :param retries: how often a request is repeated at most.
    """

    def __init__(
        self,
        base_url: str,
        timeout: tuple[float, float] = TIMEOUTS_SECONDS,
        retries: int = RETRIES,
    ) -> None:
        if local.is_local(base_url):
            base_url = local_calls.URL
        self._base_url = base_url.rstrip("/") + "/"
        self._timeout = timeout
        self._session = requests.Session()
        # The environment's proxies are for the world outside, not for the platform.
        self._session.trust_env = False
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=_policy(retries)))
        self._session.mount(f"{local_calls.URL}/", local_calls.LocalAdapter())

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send a request and return the answer, whatever its status.

        Takes the options of ``requests.request``; raises ServiceUnavailable when no
        answer came.
        """
        headers = dict(options.pop("headers", None) or {})
        if request_id := current_request_id():
            headers.setdefault(HEADER, request_id)
        if address := current_address():
            headers.setdefault(ADDRESS_HEADER, address)
        options.setdefault("timeout", self._timeout)
        url = urljoin(self._base_url, path.lstrip("/"))
        try:
            return self._send(method, url, headers, options)
        except requests.RequestException as error:
            raise ServiceUnavailable(
                f"No answer from {path.split('?')[0]}. Try again shortly."
            ) from error

    def get(self, path: str, **options: Any) -> requests.Response:
        """Send a GET request; see ``request``."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        """Send a POST request; see ``request``."""
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> requests.Response:
        """Send a PUT request; see ``request``."""
        return self.request("PUT", path, **options)

    def delete(self, path: str, **options: Any) -> requests.Response:
        """Send a DELETE request; see ``request``."""
        return self.request("DELETE", path, **options)

    def _send(
        self, method: str, url: str, headers: dict[str, str], options: dict[str, Any]
    ) -> requests.Response:
        with traces.step(method, traces.CLIENT):
            headers.update(traces.headers())
            answer = self._session.request(method, url, headers=headers, **options)
            traces.answered(answer.status_code)
            return answer


def _policy(retries: int) -> Retry:
    return Retry(
        total=retries,
        connect=retries,
        # A request that may have arrived is repeated only where that does no harm.
        read=retries,
        status=retries,
        allowed_methods=REPEATABLE,
        status_forcelist=(502, 503),
        backoff_factor=0.1,
        backoff_jitter=0.1,
        backoff_max=2.0,
        raise_on_status=False,
        respect_retry_after_header=False,
    )
