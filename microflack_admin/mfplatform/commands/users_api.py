"""Ask the users service, through the load balancer, as the platform's operator.

Who reads the platform's secrets is that: no password is needed.
"""

import time
from collections.abc import Iterator
from typing import Any

import jwt

from mfplatform.secrets_store import kept
from mfplatform.state.home import Home, PlatformError
from microflack_common.errors import ServiceUnavailable
from microflack_common.http import Client

PATH = "/api/users"
OPERATOR, AUDIENCE = "operator", "microflack-service"
TOKEN_LIFETIME_SECONDS = 60
# A busy machine may take its time.
TIMEOUTS_SECONDS = (2.0, 20.0)
TOO_OLD = "the release of users that runs does not know the operator. Take a newer one"


class UsersAPI:
    """The accounts of one platform."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._client = Client(home.services_balancer, TIMEOUTS_SECONDS)

    def ask(self, method: str, path: str = "", **options: Any) -> Any:
        """Return the JSON of an answer, None where there is none.

        :param path: what follows on ``/api/users``; the options are those of requests.
        :raises PlatformError: it is refused, or nobody answers.
        """
        url = path if path.startswith(PATH) else PATH + path
        try:
            answer = self._client.request(
                method,
                url,
                headers={"Authorization": f"Bearer {self._token()}"},
                **options,
            )
            body = answer.json() if answer.content else None
        except (ServiceUnavailable, ValueError) as error:
            raise PlatformError(
                f"{PATH} does not answer as it should: {error}"
            ) from None
        if answer.status_code in (401, 405):
            raise PlatformError(TOO_OLD)
        if not answer.ok:
            told = body.get("error") if isinstance(body, dict) else None
            raise PlatformError(told or f"{url} answers {answer.status_code}")
        return body

    def users(self) -> Iterator[dict[str, Any]]:
        """Yield all accounts, one page after the other."""
        path = ""
        while True:
            page = self.ask("GET", path)
            yield from _listed(page)
            path = page.get("_links", {}).get("next")
            if not path:
                return

    def is_empty(self) -> bool:
        """Say whether nobody has an account."""
        return not _listed(self.ask("GET", params={"limit": 1}))

    def _token(self) -> str:
        key = kept.read(self._home).get("SERVICE_KEY")
        if not key:
            raise PlatformError("this platform has no SERVICE_KEY yet. Make it: mfup")
        claims = {"iss": OPERATOR, "aud": AUDIENCE}
        expiry = {"exp": int(time.time()) + TOKEN_LIFETIME_SECONDS}
        return jwt.encode(claims | expiry, key, "HS256")


def _listed(page: dict[str, Any]) -> list[dict[str, Any]]:
    # An answer has one list, which is named as the service is; no command is.
    return next(value for value in page.values() if isinstance(value, list))
